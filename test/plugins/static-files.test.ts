import { once } from 'node:events'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import fastify, { type InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { problems } from '../../plugins/problem.ts'
import { staticFiles } from '../../plugins/static-files.ts'
import { readBuiltAssets } from '../../src/files/built-assets.ts'
import { createTestApp } from '../app.ts'
import { listen, sendRaw } from '../raw-request.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const { app, a } = await createTestApp(t)
const assets = await readBuiltAssets()
const url = assets.address('account/account.css')
const plain = await readFile(join(assets.folder, url.slice('/assets/'.length)))
const immutable = 'public, max-age=31536000, immutable'
const get = (headers: Record<string, string> = {}, more: InjectOptions = {}) => app.inject({ url, headers, ...more })
const decode = { br: brotliDecompressSync, gzip: gunzipSync, identity: (bytes: Buffer) => bytes }

t.test('a built file is sent in the encoding that is asked for, each with an ETag of its own, to be kept for a year: 200', async (t) => {
  const etags = new Set<unknown>()
  for (const coding of ['br', 'gzip', 'identity'] as const) {
    const { statusCode, headers, rawPayload } = await get({ 'accept-encoding': coding })
    t.equal(statusCode, 200)
    t.equal(headers['content-encoding'], coding === 'identity' ? undefined : coding)
    t.equal(headers['content-type'], 'text/css; charset=utf-8', coding)
    t.equal(headers['content-length'], String(rawPayload.length))
    t.equal(headers['cache-control'], immutable)
    t.equal(headers.vary, 'accept-encoding')
    t.equal(headers['accept-ranges'], 'bytes')
    t.equal(headers['x-content-type-options'], 'nosniff')
    t.match(headers.etag, /^"account-[\w-]{8}\.css(\.br|\.gz)?"$/, 'a strong one, the same on every copy of the service')
    t.ok(decode[coding](rawPayload).equals(plain), 'the same file')
    etags.add(headers.etag)
  }
  t.equal(etags.size, 3)
})

t.test('without the header, or where everything is refused, the file is sent as it is, and still varies: 200', async (t) => {
  for (const headers of [{}, { 'accept-encoding': '*;q=0' }, { 'accept-encoding': 'identity;q=0' }]) {
    const answer = await get(headers)
    t.equal(answer.statusCode, 200)
    t.equal(answer.headers['content-encoding'], undefined)
    t.equal(answer.headers.vary, 'accept-encoding')
    t.ok(answer.rawPayload.equals(plain))
  }
})

t.test('a caller that has the file in the encoding it would get is answered 304, and no other', async (t) => {
  const headers = { 'accept-encoding': 'br' }
  const etag = String((await get(headers)).headers.etag)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await get({ ...headers, 'if-none-match': known, range: 'bytes=0-3' })
    t.equal(answer.statusCode, 304, known)
    t.equal(answer.body, '')
    t.same([answer.headers.etag, answer.headers.vary, answer.headers['cache-control']], [etag, 'accept-encoding', immutable])
    t.equal(answer.headers['content-encoding'], undefined)
  }
  t.equal((await get({ 'accept-encoding': 'gzip', 'if-none-match': etag })).statusCode, 200, 'in another encoding it is another')
})

t.test('a part of the file in the encoding that is sent: 206', async (t) => {
  for (const coding of ['br', 'gzip', 'identity']) {
    const headers = { 'accept-encoding': coding }
    const whole = await get(headers)
    const size = whole.rawPayload.length
    const ranges = { 'bytes=0-9': [0, 9], 'bytes=5-': [5, size - 1], 'bytes=-7': [size - 7, size - 1] } as const
    for (const [range, [from, to]] of Object.entries(ranges)) {
      const part = await get({ ...headers, range })
      t.equal(part.statusCode, 206, `${coding} ${range}`)
      t.equal(part.headers['content-range'], `bytes ${from}-${to}/${size}`)
      t.equal(part.headers['content-length'], String(to - from + 1))
      t.equal(part.headers.etag, whole.headers.etag)
      t.equal(part.headers['content-encoding'], whole.headers['content-encoding'])
      t.ok(part.rawPayload.equals(whole.rawPayload.subarray(from, to + 1)))
    }
  }
})

t.test('parts of what has changed, several parts and nonsense are answered by the whole: 200', async (t) => {
  const headers = { 'accept-encoding': 'br', range: 'bytes=0-9' }
  const etag = String((await get({ 'accept-encoding': 'br' })).headers.etag)
  t.equal((await get({ ...headers, 'if-range': etag })).statusCode, 206, 'control')
  const gzipped = String((await get({ 'accept-encoding': 'gzip' })).headers.etag)
  for (const old of ['"other"', `W/${etag}`, gzipped, 'Wed, 21 Oct 2065 07:28:00 GMT', etag.slice(1)]) {
    t.equal((await get({ ...headers, 'if-range': old })).statusCode, 200, `If-Range: ${old}`)
  }
  for (const range of ['bytes=0-1,4-5', 'bytes=9-1', 'lines=0-1']) t.equal((await get({ ...headers, range })).statusCode, 200, range)
})

t.test('a part past the end answers 416 RANGE_UNSATISFIABLE with the length, kept by nobody', async (t) => {
  const answer = await get({ range: `bytes=${plain.length}-` })
  t.equal(answer.statusCode, 416)
  t.equal(answer.json().code, 'RANGE_UNSATISFIABLE')
  t.equal(answer.headers['content-range'], `bytes */${plain.length}`)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.equal(answer.headers.etag, undefined)
  t.equal(answer.headers['content-encoding'], undefined)
})

t.test('HEAD answers like GET without a body, and knows no parts', async (t) => {
  for (const coding of ['br', 'identity']) {
    const headers = { 'accept-encoding': coding }
    const { headers: wanted } = await get(headers)
    const head = await get({ ...headers, range: 'bytes=0-3' }, { method: 'HEAD' })
    t.equal(head.statusCode, 200)
    t.equal(head.rawPayload.length, 0)
    for (const name of ['content-length', 'content-type', 'content-encoding', 'etag', 'vary', 'cache-control'])
      t.equal(head.headers[name], wanted[name], name)
  }
})

t.test('it is there under every host, known or not, also before the database is ready', async (t) => {
  for (const host of [a.host, 'nobody.example', 'xn--zz', '127.0.0.1:9']) t.equal((await get({ host })).statusCode, 200, host)
  t.equal((await app.inject({ url: '/', headers: { host: 'nobody.example' } })).statusCode, 404, 'control')
})

t.test('what is no built file answers 404 as a problem that nobody keeps: no listing, no way out, no compressed copy by its name', async (t) => {
  const port = await listen(app)
  const name = url.slice('/assets/'.length)
  const paths = [
    '',
    '.',
    '..',
    'nothing.css',
    `${name}.br`,
    `${name}.gz`,
    `${name}/`,
    `./${name}`,
    `/${name}`,
    '../manifest.json',
    '..%2fmanifest.json',
  ]
  const more = ['%2e%2e%2fmanifest.json', '..%5cmanifest.json', '%252e%252e%252fmanifest.json', `${name}%2f`, '.hidden', 'manifest.json', `x${name}`]
  const odd = [`${name}%00`, `${name}%00.css`, '%ff', `${'a'.repeat(300)}.css`, 'package', 'CON', '%2fetc%2fpasswd', '~', `${name}:x`]
  for (const path of [...paths, ...more, ...odd]) {
    const { status, headers, body } = await sendRaw(port, [`GET /assets/${path} HTTP/1.1`, `Host: ${a.host}`])
    t.ok(status === 404 || (path.includes('%00') && status === 400), `/assets/${path} answers ${status}`)
    t.match(headers['content-type'], 'application/problem+json')
    t.equal(headers['cache-control'], 'no-store')
    t.match(JSON.parse(body), { status })
  }
  t.equal((await sendRaw(port, [`GET ${url} HTTP/1.1`, `Host: ${a.host}`])).status, 200, 'control')
  t.equal((await app.inject({ method: 'POST', url })).statusCode, 404)
})

t.test('a route can send a file of another folder: whole, and 404 until it is there', async (t) => {
  const { folder, other } = await sendsOf(t)
  const ask = (file: string, coding = 'br, gzip') => other.inject({ url: `/brand/${file}`, headers: { 'accept-encoding': coding } })
  const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${'<path d="M0 0"/>'.repeat(50)}</svg>`)
  t.equal((await ask('logo-1.svg')).statusCode, 404)
  await writeFile(join(folder, 'logo-1.svg.gz'), gzipSync(svg))
  t.equal((await ask('logo-1.svg')).statusCode, 404, 'the file itself is written last')
  await writeFile(join(folder, 'logo-1.svg'), svg)
  const logo = await ask('logo-1.svg')
  t.match(logo.headers, {
    'content-encoding': 'gzip',
    'content-type': 'image/svg+xml',
    'content-security-policy': 'sandbox',
    vary: 'Origin, accept-encoding',
  })
  t.ok(gunzipSync(logo.rawPayload).equals(svg))
  await writeFile(join(folder, 'icon.png'), 'png')
  const icon = await ask('icon.png')
  t.same([icon.headers['content-encoding'], icon.headers['content-type'], icon.body], [undefined, 'image/png', 'png'])
  await writeFile(join(folder, 'theme-a.css.br'), brotliCompressSync('a{}'))
  await writeFile(join(folder, 'theme-a.css'), 'a{}')
  const all = await Promise.all([ask('theme-a.css'), ask('theme-a.css', 'br'), ask('theme-a.css', 'gzip')])
  t.same(
    all.map(({ headers }) => headers['content-encoding']),
    ['br', 'br', undefined],
  )
  await mkdir(join(folder, 'folder.css'))
  t.equal((await ask('folder.css')).statusCode, 404, 'a folder is no file')
  t.equal((await ask('logo-2.svg')).statusCode, 404)
})

t.test('a small file is read once: who asks later gets the same from memory, under the headers of his own request', async (t) => {
  const { folder, other } = await sendsOf(t)
  const ask = (headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') => other.inject({ method, url: '/brand/theme-a.css', headers })
  await writeFile(join(folder, 'theme-a.css.br'), brotliCompressSync('a{}'))
  await writeFile(join(folder, 'theme-a.css'), 'a{}')
  const br = { 'accept-encoding': 'br' }
  await ask(br, 'HEAD')
  t.equal((await ask({ ...br, range: 'bytes=0-1' })).statusCode, 206)
  await rename(folder, `${folder}-away`)
  t.equal((await ask(br)).statusCode, 404, 'neither a part nor HEAD is kept as the whole')
  t.equal((await ask(br)).headers.etag, undefined, 'and no refusal is')
  await rename(`${folder}-away`, folder)
  const [first] = await Promise.all([ask(br), ask(br), ask(br)])
  t.equal(brotliDecompressSync(first.rawPayload).toString(), 'a{}')
  await rm(folder, { recursive: true })
  for (const method of ['GET', 'HEAD'] as const) {
    const again = await ask(br, method)
    t.same({ ...again.headers, date: '' }, { ...first.headers, date: '' }, method)
    t.same(again.rawPayload, method === 'GET' ? first.rawPayload : Buffer.alloc(0))
  }
  t.equal((await ask({ ...br, 'if-none-match': String(first.headers.etag) })).statusCode, 304)
  t.equal((await ask({ ...br, range: 'bytes=99-' })).statusCode, 416)
  t.equal((await ask({})).statusCode, 404, 'in another coding it was not asked for')
})

t.test('a file that cannot be read answers 500 without a word of the file', async (t) => {
  const { folder, other } = await sendsOf(t)
  const ask = (method: 'GET' | 'HEAD') => other.inject({ method, url: '/brand/theme-a.css', headers: { 'accept-encoding': 'br' } })
  await writeFile(join(folder, 'theme-a.css.br'), 'x')
  await writeFile(join(folder, 'theme-a.css'), 'a{}')
  t.equal((await ask('HEAD')).statusCode, 200, 'control')
  await rm(join(folder, 'theme-a.css.br'))
  // A socket has a place in the folder, and cannot be opened.
  const socket = createServer().listen(join(folder, 'theme-a.css.br'))
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  for (const tries of [1, 2]) {
    const { statusCode, headers } = await ask('GET')
    t.match({ statusCode, type: headers['content-type'] }, { statusCode: 500, type: 'application/problem+json' }, `${tries}`)
    t.same(
      [headers['content-encoding'], headers.etag, headers['accept-ranges'], headers['cache-control']],
      [undefined, undefined, undefined, 'no-store'],
    )
  }
})

t.test('files of one name in two folders are two files', async (t) => {
  const { folder, other } = await sendsOf(t)
  await mkdir(join(folder, 'b'))
  for (const [name, text] of Object.entries({ 'a.css': 'first', 'b/a.css': 'second' })) await writeFile(join(folder, name), text)
  for (const tries of [1, 2])
    t.same([(await other.inject('/brand/a.css')).body, (await other.inject('/brand/a.css?folder=b')).body], ['first', 'second'], `${tries}`)
})

t.test('what is larger than 256 KiB is read each time', async (t) => {
  const { folder, other } = await sendsOf(t)
  const sizes = { 'small.png': 256 * 1024, 'large.png': 256 * 1024 + 1 }
  for (const [name, size] of Object.entries(sizes)) {
    await writeFile(join(folder, name), Buffer.alloc(size))
    t.equal((await other.inject(`/brand/${name}`)).rawPayload.length, size)
  }
  await rm(folder, { recursive: true })
  t.equal((await other.inject('/brand/small.png')).rawPayload.length, sizes['small.png'])
  t.equal((await other.inject('/brand/large.png')).statusCode, 404)
})

/** A service with a route that sends files of a folder. */
async function sendsOf(t: Test) {
  const folder = await temporaryFolder(t)
  const other = fastify()
  await other.register(problems)
  await other.register(staticFiles, { assets })
  other.get('/brand/:file', async ({ params, query }, reply) =>
    reply
      .header('vary', 'Origin')
      .header('content-security-policy', 'sandbox')
      .sendHashed(String(Reflect.get(Object(params), 'file')), join(folder, String(Reflect.get(Object(query), 'folder') ?? ''))),
  )
  t.teardown(() => other.close())
  return { folder, other }
}
