import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { newId } from '../../src/security/random-token.ts'
import { outcome } from '../auth/auth-calls.ts'
import { docxOf, html, mp4Of, pdf, zipOf } from '../files/hostile-files.ts'
import { multipart } from '../multipart.ts'
import { createMediaApp, photo } from './media-calls.ts'

const { a, b, ask, send, add, check, visit, rowsOf, keysOf, data } = await createMediaApp(t)
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

t.test('a file that is sent is kept, and answered 201 with its address and checksum; nothing is served before it was checked', async (t) => {
  const bytes = await photo(800, 600)
  const answer = await send({ name: 'Praia.PNG', bytes }, { alt: 'A praia', visibility: 'public' })
  t.equal(outcome(answer), '201')
  const media = answer.json()
  t.equal(answer.headers.location, `/v1/media/${media.id}`)
  t.match(media, { name: 'Praia.png', status: 'checking', kind: 'image', size: bytes.length, sha256: sha256(bytes), alt: 'A praia', variants: [] })
  t.equal(media.createdBy, a.owner.id)
  t.same(await keysOf(), [`media/${media.id}/original`])
  t.equal(outcome(await visit(`/media/${media.id}`)), '404 MEDIA_UNKNOWN', 'in quarantine')
  t.equal(outcome(await ask('GET', `/v1/media/${media.id}/original`)), '409 MEDIA_NOT_READY', 'for its owner too')
  await check(media.id)
  t.equal((await visit(`/media/${media.id}`)).statusCode, 200, 'control: then it is')
  const { rows } = await data.owner.query(`select action, actor, details from audit_events where tenant_id = $1 and target = $2`, [a.id, media.id])
  t.match(rows, [{ action: 'media.added', actor: a.owner.id, details: { kind: 'image' } }])
})

t.test('what it is follows from its bytes: documents, video and text are taken', async (t) => {
  const files = {
    'a.pdf': [pdf, 'application/pdf', 'document'],
    'a.docx': [docxOf(), 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'document'],
    'a.mp4': [mp4Of(5_000), 'video/mp4', 'video'],
    'a.csv': [Buffer.from('nome;valor\nPão;3\n'), 'text/csv; charset=utf-8', 'document'],
    'a.txt': [Buffer.from('olá'), 'text/plain; charset=utf-8', 'document'],
    'b.pdf': [pdf, 'application/pdf', 'document'],
  } as const
  for (const [name, [bytes, contentType, kind]] of Object.entries(files)) {
    t.match(await add({ name: name === 'b.pdf' ? 'b.png' : name, bytes }), { name, kind, contentType, status: 'ready' }, name)
  }
})

t.test('anything else answers 422 MEDIA_TYPE_REFUSED before a byte of it is kept', async (t) => {
  const before = [await rowsOf(), await keysOf()]
  const refused = {
    'page.png': html,
    'page.html': html,
    'program.png': Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(100)]),
    'archive.zip': zipOf([{ name: 'a.txt', data: Buffer.from('a') }]),
    'archive.docx': zipOf([{ name: 'a.txt', data: Buffer.from('a') }]),
    'noise.bin': randomBytes(50),
    'zeros.txt': Buffer.alloc(100),
    'empty.png': '',
    noname: 'text',
  }
  for (const [name, bytes] of Object.entries(refused)) {
    const answer = await send({ name, bytes, type: 'image/png' })
    t.equal(outcome(answer), '422 MEDIA_TYPE_REFUSED', name)
    t.match(answer.json().issues, [{ path: '/file', message: /png, .*pdf, .*csv/ }])
  }
  t.same([await rowsOf(), await keysOf()], before)
})

t.test('fields may come after the file; unknown ones, and none that fit, answer 400 and leave nothing', async (t) => {
  const file = { name: 'a.txt', bytes: 'text' }
  const late = await ask('POST', '/v1/media', multipart(file, {}, { visibility: 'private', alt: 'late' }))
  t.match(late.json(), { visibility: 'private', alt: 'late' })
  const before = [await rowsOf(), await keysOf()]
  const bad: Record<string, [Record<string, string>, string]> = {
    visibility: [{ visibility: 'secret' }, '400 REQUEST_INVALID'],
    alt: [{ alt: 'x'.repeat(1_001) }, '400 REQUEST_INVALID'],
    nul: [{ alt: 'a\u0000b' }, '400 REQUEST_INVALID'],
    unknown: [{ tenantId: b.id }, '400 UPLOAD_MALFORMED'],
    prototype: [{ __proto__x: 'x', constructor: 'x' }, '400 UPLOAD_MALFORMED'],
  }
  for (const [title, [fields, wanted]] of Object.entries(bad)) {
    t.equal(outcome(await ask('POST', '/v1/media', multipart(file, {}, fields))), wanted, title)
    t.equal(outcome(await ask('POST', '/v1/media', multipart(file, fields))), wanted, `${title}, before it`)
  }
  t.equal(outcome(await send(undefined)), '400 FILE_MISSING')
  t.equal(outcome(await ask('POST', '/v1/media', { payload: { file: 'x' } })), '415 CONTENT_TYPE_UNSUPPORTED')
  t.same([await rowsOf(), await keysOf()], before)
})

t.test('without media:write, without a session and without a length: 403, 401, 411', async (t) => {
  const { payload, headers } = multipart({ name: 'a.txt', bytes: 'text' })
  t.equal(outcome(await visit('/v1/media', headers, { method: 'POST' })), '401 AUTH_REQUIRED')
  await data.owner.query(`update roles set permissions = array_remove(permissions, 'media:write') where tenant_id = $1 and slug = 'owner'`, [b.id])
  t.equal(outcome(await ask('POST', '/v1/media', { site: b, payload, headers })), '403 AUTH_FORBIDDEN')
  const { 'content-length': _, ...chunked } = headers
  const answer = await ask('POST', '/v1/media', { payload, headers: { ...chunked, 'content-length': '', 'transfer-encoding': 'chunked' } })
  t.equal(outcome(answer), '411 LENGTH_REQUIRED')
})

t.test('the list shows the newest first, page by page, by kind and status, and only the site’s own', async (t) => {
  const mine = (await ask('GET', '/v1/media?limit=100')).json().items
  t.same(
    mine.map(({ id }: { id: string }) => id),
    (await rowsOf()).map(({ id }) => id).reverse(),
  )
  const first = (await ask('GET', '/v1/media?limit=2')).json()
  const second = (await ask('GET', `/v1/media?limit=2&after=${first.next}`)).json()
  t.same([...first.items, ...second.items], mine.slice(0, 4))
  t.equal(outcome(await ask('GET', `/v1/media?limit=2&kind=image&after=${first.next}`)), '400 CURSOR_INVALID', 'of another list')
  const videos = (await ask('GET', '/v1/media?kind=video&status=ready')).json().items
  t.match(videos, [{ kind: 'video' }])
  t.same((await ask('GET', '/v1/media?kind=video&status=refused')).json(), { items: [], next: null })
  t.same((await ask('GET', '/v1/media', { site: b })).json().items, [])
})

t.test('an id of another site, and one that nobody has, answer 404 MEDIA_UNKNOWN to everything', async (t) => {
  const media = await add({ name: 'a.txt', bytes: 'mine' })
  for (const id of [media.id, newId(), 'x', "' or 1=1"]) {
    const at = `/v1/media/${encodeURIComponent(id)}`
    t.equal(outcome(await ask('GET', at, { site: b })), '404 MEDIA_UNKNOWN')
    t.equal(outcome(await ask('GET', `${at}/original`, { site: b })), '404 MEDIA_UNKNOWN')
    t.equal(outcome(await visit(`/media/${encodeURIComponent(id)}`, {}, { site: b })), '404 MEDIA_UNKNOWN')
  }
  t.equal((await ask('GET', `/v1/media/${media.id}`)).statusCode, 200, 'control')
  t.equal((await visit(`/media/${media.id}`)).statusCode, 200, 'control')
})
