import sharp from 'sharp'
import t from 'tap'
import { outcome } from '../auth/auth-calls.ts'
import { eventually } from '../eventually.ts'
import { docxOf, mp4Of, pdf } from '../files/hostile-files.ts'
import { createMediaApp, ofFile, photo, saysOfFile } from './media-calls.ts'

const { a, b, ask, add, visit, data, storageOf, another, keysOf } = await createMediaApp(t)
const picture = await add({ name: 'Praia “Sete Ondas”.png', bytes: await photo(1_500, 900) })
const video = await add({ name: 'festa.mp4', bytes: mp4Of(10_000) })
const head = (url: string, headers: Record<string, string> = {}) => visit(url, headers, { method: 'HEAD' })
const avif = { accept: 'image/avif,image/webp,image/*' }

t.test('an image is answered in the size and format that suit the caller, and says by what: Vary', async (t) => {
  const wanted: [string, Record<string, string>, string, number][] = [
    ['?w=300', avif, 'avif', 320],
    ['?w=320', {}, 'webp', 320],
    ['?w=321', { accept: 'image/webp' }, 'webp', 640],
    ['', avif, 'avif', 1280],
    ['?w=9000', avif, 'avif', 1500],
    ['?w=9000', { accept: 'image/avif;q=0, */*' }, 'webp', 1500],
  ]
  for (const [query, headers, format, width] of wanted) {
    const answer = await visit(`/media/${picture.id}${query}`, headers)
    t.match(answer.headers, { 'content-type': `image/${format}`, 'cache-control': 'public, no-cache', vary: /\bAccept\b/ })
    const found = await sharp(answer.rawPayload).metadata()
    t.match([found.format === 'heif' ? 'avif' : found.format, found.width], [format, width], `${query} ${headers.accept}`)
  }
  for (const [cut, ratio] of [
    ['square', 1],
    ['wide', 16 / 9],
  ] as const) {
    const { width = 0, height = 1 } = await sharp((await visit(`/media/${picture.id}?cut=${cut}`)).rawPayload).metadata()
    t.ok(Math.abs(width / height - ratio) < 0.01, cut)
  }
  for (const query of ['w=0', 'w=1.5', 'w=x', 'cut=round', 'x=1'])
    t.equal(outcome(await visit(`/media/${picture.id}?${query}`)), '400 REQUEST_INVALID')
})

t.test('a variant is kept for good, under a name that is used once; the original of an image is shown nowhere', async (t) => {
  t.equal(picture.variants.length, 12)
  for (const { name, type, size } of picture.variants) {
    const answer = await visit(`/media/${picture.id}/${name}`)
    t.match(answer.headers, { 'content-type': type, 'content-length': String(size), 'cache-control': 'public, max-age=31536000, immutable' })
    t.match(
      answer.headers['content-disposition'],
      /^inline; filename="Praia Sete Ondas|^inline; filename="Praia _Sete Ondas_\.(avif|webp)"; filename\*=UTF-8''Praia%20/,
    )
  }
  for (const name of ['original', 'w320.webp', '..%2foriginal', '%2e%2e', 'x'.repeat(60)]) {
    t.equal(outcome(await visit(`/media/${picture.id}/${name}`)), '404 MEDIA_UNKNOWN', name)
  }
  const original = await ask('GET', `/v1/media/${picture.id}/original`)
  t.match(original.headers, { 'content-type': 'image/png', 'content-disposition': /^attachment; /, 'cache-control': 'private, no-cache' })
  t.equal(original.rawPayload.length, picture.size)
})

t.test('whatever it is, a file can do nothing in the site’s own origin: sandbox, nosniff, and documents are downloads', async (t) => {
  const files = [
    await add({ name: 'acta.pdf', bytes: pdf }),
    await add({ name: 'acta.docx', bytes: docxOf() }),
    await add({ name: 'contas.csv', bytes: 'a;b' }),
    await add({ name: 'page.txt', bytes: '<script>alert(1)</script>' }),
  ]
  for (const { id, name, contentType } of files) {
    t.match((await visit(`/media/${id}`)).headers, {
      'content-type': contentType,
      'content-disposition': `attachment; filename="${name}"; filename*=UTF-8''${name}`,
    })
  }
  const [document] = files
  for (const url of [`/media/${picture.id}`, `/media/${video.id}`, `/media/${document?.id}`, `/media/${picture.id}/${picture.variants[0].name}`]) {
    t.match((await visit(url)).headers, { 'content-security-policy': "sandbox; default-src 'none'", 'x-content-type-options': 'nosniff' }, url)
  }
})

t.test('video is passed through by ranges: 206, 416, If-Range; several at once are answered as a whole', async (t) => {
  const url = `/media/${video.id}`
  const whole = await visit(url)
  t.match(whole.headers, { 'accept-ranges': 'bytes', 'content-length': '10000', 'content-type': 'video/mp4', 'content-disposition': /^inline; / })
  const etag = String(whole.headers.etag)
  const part = async (range: string, more = {}) => visit(url, { range, ...more })
  for (const [range, from, to] of [
    ['bytes=0-99', 0, 99],
    ['bytes=9990-', 9990, 9999],
    ['bytes=-5', 9995, 9999],
    ['bytes=9999-20000', 9999, 9999],
  ] as const) {
    const answer = await part(range)
    t.equal(answer.statusCode, 206, range)
    t.match(answer.headers, { 'content-range': `bytes ${from}-${to}/10000`, 'content-length': String(to - from + 1) })
    t.ok(answer.rawPayload.equals(whole.rawPayload.subarray(from, to + 1)))
  }
  const beyond = await part('bytes=10000-')
  t.equal(outcome(beyond), '416 RANGE_UNSATISFIABLE')
  t.equal(beyond.headers['content-range'], 'bytes */10000')
  t.same(saysOfFile(beyond), ['content-range'])
  for (const range of ['bytes=0-1,5-6', 'items=0-1', 'bytes=5-1', 'bytes=-', 'bytes=a-b']) t.equal((await part(range)).statusCode, 200, range)
  t.equal((await part('bytes=0-1', { 'if-range': etag })).statusCode, 206)
  t.equal((await part('bytes=0-1', { 'if-range': '"other"' })).statusCode, 200)
  t.equal((await part('bytes=0-1', { 'if-range': 'Wed, 21 Oct 2026 07:28:00 GMT' })).statusCode, 200)
})

t.test('whoever has it already is answered 304, and HEAD says what GET would, without reading the file', async (t) => {
  const { headers } = await visit(`/media/${video.id}`)
  const again = await visit(`/media/${video.id}`, { 'if-none-match': String(headers.etag) })
  t.equal(again.statusCode, 304)
  t.equal(again.body, '')
  for (const url of [`/media/${video.id}`, `/media/${picture.id}?w=640`, `/media/${picture.id}/${picture.variants[0].name}`]) {
    const [asked, told] = [await visit(url), await head(url)]
    t.equal(told.statusCode, 200)
    t.equal(told.body, '')
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control', 'accept-ranges'])
      t.equal(told.headers[name], asked.headers[name], name)
  }
  for (const range of ['bytes=0-9', 'bytes=10000-']) {
    const ranged = await head(`/media/${video.id}`, { range })
    t.match([ranged.statusCode, ranged.headers['content-length'], ranged.headers['content-range']], [200, '10000', undefined], 'ranges are of GET')
  }
  t.equal(outcome(await head(`/media/${a.id}`)), '404')
})

t.test('a private file is read by staff, and by whoever has a link that is good: all others are answered 404 MEDIA_UNKNOWN', async (t) => {
  const file = await add({ name: 'acta.pdf', bytes: pdf }, { visibility: 'private' })
  const url = `/media/${file.id}`
  const refused = async (at: string, headers = {}) => t.equal(outcome(await visit(at, headers)), '404 MEDIA_UNKNOWN', at)
  await refused(url)
  await refused(url, { authorization: 'Bearer nonsense' })
  t.equal((await ask('GET', url)).statusCode, 200, 'with a session that has media:read')
  t.equal((await ask('GET', url)).headers['cache-control'], 'private, no-cache')
  const link = (await ask('POST', `/v1/media/${file.id}/link`, { payload: { expiresIn: 3_600 } })).json()
  t.ok(link.address.startsWith(`https://${a.host}/media/${file.id}?`))
  const { pathname, search, searchParams } = new URL(link.address)
  t.equal((await visit(pathname + search)).rawPayload.toString(), pdf.toString())
  const expires = Number(searchParams.get('expires'))
  t.equal(expires * 1000, Date.parse(link.expiresAt))
  const signature = String(searchParams.get('signature'))
  await refused(`${pathname}?expires=${expires + 1}&signature=${signature}`)
  await refused(`${pathname}?expires=${expires}&signature=${signature.replace(/.(?=.$)/, (one) => (one === 'A' ? 'B' : 'A'))}`)
  await refused(`${pathname}?expires=${expires}&signature=`)
  await refused(`${pathname}?expires=${expires}`)
  await refused(`/media/${(await add({ name: 'b.pdf', bytes: pdf }, { visibility: 'private' })).id}${search}`)
  t.equal(outcome(await visit(pathname + search, {}, { site: b })), '404 MEDIA_UNKNOWN', 'at another site')
  t.equal((await visit(pathname + search)).statusCode, 200, 'control')
  await ask('DELETE', `/v1/media/${file.id}`)
  await refused(pathname + search)
  for (const expiresIn of [0, 59, 604_801, -1, 1.5]) {
    t.equal(outcome(await ask('POST', `/v1/media/${picture.id}/link`, { payload: { expiresIn } })), '400 REQUEST_INVALID')
  }
  t.equal(outcome(await ask('POST', `/v1/media/${picture.id}/link`, { site: b, payload: { expiresIn: 60 } })), '404 MEDIA_UNKNOWN')
  const { rows } = await data.owner.query(`select details from audit_events where tenant_id = $1 and action = 'media.link-made'`, [a.id])
  t.same(rows, [{ details: { expiresIn: 3_600 } }], 'and the log has no signature')
})

t.test('a link that has expired, and one of variants, keep to the same rule', async (t) => {
  const file = await add({ name: 'a.png', bytes: await photo(400, 300) }, { visibility: 'private' })
  const { app } = { app: await another() }
  const { signLink } = await import('../../src/media/delivery/media-link.ts')
  const at = (expires: number) => `expires=${expires}&signature=${signLink(app.secretBox, { tenantId: a.id, mediaId: file.id, expires })}`
  const now = Math.floor(Date.now() / 1000)
  t.equal(outcome(await visit(`/media/${file.id}?${at(now - 1)}`)), '404 MEDIA_UNKNOWN')
  for (const path of [`/media/${file.id}`, `/media/${file.id}/${file.variants[0].name}`]) {
    t.equal(outcome(await visit(path)), '404 MEDIA_UNKNOWN')
    const answer = await visit(`${path}?${at(now + 60)}`)
    t.equal(answer.statusCode, 200)
    t.equal(answer.headers['cache-control'], 'private, no-cache')
  }
})

t.test('a session without media:read is nobody here', async (t) => {
  const file = await add({ name: 'acta.pdf', bytes: pdf }, { visibility: 'private' }, b)
  t.equal((await ask('GET', `/media/${file.id}`, { site: b })).statusCode, 200, 'control')
  await data.owner.query(`update roles set permissions = array_remove(permissions, 'media:read') where tenant_id = $1`, [b.id])
  await eventually(t, 'it is known', async () => outcome(await ask('GET', `/media/${file.id}`, { site: b })) === '404 MEDIA_UNKNOWN')
})

t.test('an object that is gone answers 404, with nothing that was to be said of it, and not a torn file', async (t) => {
  const file = await add({ name: 'a.pdf', bytes: pdf })
  const url = `/media/${file.id}`
  t.same(saysOfFile(await visit(url, { range: 'bytes=0-9' })), ofFile, 'control')
  await storageOf(a).remove([`media/${file.id}/original`])
  for (const headers of [{}, { range: 'bytes=0-9' }]) {
    const answer = await visit(url, headers)
    t.equal(outcome(answer), '404 MEDIA_UNKNOWN')
    t.same(saysOfFile(answer), [])
  }
  t.match((await visit(url)).headers, { 'content-type': /^application\/problem\+json/, 'cache-control': 'no-store' })
  t.ok((await keysOf()).length > 0, 'control')
})
