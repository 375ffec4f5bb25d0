import { createHash, randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import t, { type Test } from 'tap'
import { sweepMedia } from '../../src/media/sweep-media.ts'
import { partSizeOf } from '../../src/media/uploads/media-upload.ts'
import { newId } from '../../src/security/random-token.ts'
import { outcome } from '../auth/auth-calls.ts'
import { mp4Of } from '../files/hostile-files.ts'
import { listen } from '../raw-request.ts'
import { createMediaApp } from './media-calls.ts'
import { onBothStorages } from './storages.ts'

const MB = 1024 * 1024
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const bytes = mp4Of(8 * MB + 1_000)
const [first, second] = [bytes.subarray(0, 8 * MB), bytes.subarray(8 * MB)]

/** By another name than the service does. */
const asBrowsersReach = ({ S3_ENDPOINT: endpoint = '' }: Record<string, string>) => endpoint.replace('//127.0.0.1', '//localhost')

async function createUploads(t: Test, env: Record<string, string>) {
  const tools = await createMediaApp(t, { env: { ...env, S3_PUBLIC_ENDPOINT: asBrowsersReach(env), MEDIA_FILE_MB: '20', MEDIA_QUOTA_MB: '100' } })
  const { app, ask, a } = tools
  const port = await listen(app)
  const begin = async (more: object = {}) =>
    (await ask('POST', '/v1/media/uploads', { payload: { name: 'film.mp4', size: bytes.length, ...more } })).json()
  const addressOf = async (id: string, part: number): Promise<string> => {
    const answer = await ask('POST', `/v1/media/uploads/${id}/addresses`, { payload: { parts: [part] } })
    return answer.json().addresses[0].address
  }
  /** As a browser does. */
  const put = async (id: string, part: number, body: Buffer) => {
    const address = await addressOf(id, part)
    const own = address.startsWith('/')
    const headers = own ? { host: a.host, authorization: `Bearer ${await tools.tokenOf(a)}`, 'content-type': 'application/octet-stream' } : {}
    if (own) return (await tools.call(a, { method: 'PUT', url: address, headers, payload: body })).statusCode
    // What the bucket refuses it may refuse before it has read the body, and hang up.
    return fetch(address, { method: 'PUT', body: new Uint8Array(body) }).then(
      ({ status }) => status,
      () => 400,
    )
  }
  const progress = async (id: string) => (await ask('GET', `/v1/media/uploads/${id}`)).json()
  const complete = (id: string) => ask('POST', `/v1/media/uploads/${id}/complete`)
  return { ...tools, port, begin, addressOf, put, progress, complete }
}

onBothStorages(t, 'an upload in parts', async (t, env) => {
  const { a, b, begin, put, addressOf, progress, complete, ask, visit, check, keysOf, rowsOf, data, storageOf, dbOf } = await createUploads(t, env)

  t.test('goes on where it broke off, shows how far it has come, and is one file when all has come', async (t) => {
    const upload = await begin({ alt: 'Um filme', sha256: sha256(bytes) })
    t.match(upload, { size: bytes.length, partSize: 8 * MB, parts: 2 })
    t.match(await progress(upload.id), { received: 0, arrived: [] })
    t.ok((await put(upload.id, 2, second)) < 300, 'in any order')
    t.match(await progress(upload.id), { received: 1_000, arrived: [2] })
    const early = await complete(upload.id)
    t.equal(outcome(early), '409 UPLOAD_MISMATCH')
    t.match(early.json().issues, [{ message: /part 1 / }])
    t.ok((await put(upload.id, 1, first)) < 300)
    t.match(await progress(upload.id), { received: bytes.length, arrived: [1, 2] })
    const done = await complete(upload.id)
    t.match(done.json(), { id: upload.id, status: 'checking', size: bytes.length, alt: 'Um filme', kind: null })
    t.equal(outcome(await visit(`/media/${upload.id}`)), '404 MEDIA_UNKNOWN', 'in quarantine')
    await check(upload.id)
    t.match((await ask('GET', `/v1/media/${upload.id}`)).json(), { status: 'ready', kind: 'video', name: 'film.mp4', sha256: sha256(bytes) })
    t.ok((await visit(`/media/${upload.id}`)).rawPayload.equals(bytes))
    t.equal(outcome(await complete(upload.id)), '404 UPLOAD_UNKNOWN', 'it is over')
    const { rows } = await data.owner.query(`select action from audit_events where tenant_id = $1 and target = $2`, [a.id, upload.id])
    t.same(rows, [{ action: 'media.added' }])
  })

  t.test('is sent straight to the bucket, as browsers reach it; where there is none, to the service', async (t) => {
    const { id } = await begin()
    const original = `${asBrowsersReach(env)}/${env.S3_BUCKET}/tenants/${a.id}/media/${id}/original`
    const [address = '', signature = ''] = (await addressOf(id, 1)).split('?')
    t.equal(address, env.S3_BUCKET ? original : `/v1/media/uploads/${id}/parts/1`)
    t.equal(signature.includes('partNumber=1'), env.S3_BUCKET !== undefined)
    t.equal((await ask('DELETE', `/v1/media/uploads/${id}`)).statusCode, 204)
  })

  t.test('whose parts have another size than was announced is not completed: 409 UPLOAD_MISMATCH', async (t) => {
    const { id } = await begin()
    t.ok((await put(id, 1, first.subarray(1))) >= 400, 'refused where it is sent')
    t.ok((await put(id, 2, Buffer.concat([second, second]))) >= 400)
    t.match(await progress(id), { received: 0, arrived: [] })
    t.equal(outcome(await complete(id)), '409 UPLOAD_MISMATCH')
    // Past the service, as somebody with the keys of the bucket could.
    const [row] = await dbOf(a).mediaUpload.findMany({ where: { mediaId: id } })
    const { Readable } = await import('node:stream')
    const stored = { key: `media/${id}/original`, id: row?.storageUpload ?? '' }
    await storageOf(a).parts.put(stored, { part: 1, body: Readable.from([second]), size: second.length })
    t.match(await progress(id), { received: 0, arrived: [] }, 'nor counted')
    t.equal(outcome(await complete(id)), '409 UPLOAD_MISMATCH')
    t.equal((await ask('DELETE', `/v1/media/uploads/${id}`)).statusCode, 204)
  })

  t.test('that turns out to be something else is refused, and its bytes are gone', async (t) => {
    const wrong = await begin({ sha256: sha256(second) })
    for (const [part, body] of [first, second].entries()) await put(wrong.id, part + 1, body)
    await complete(wrong.id)
    await check(wrong.id)
    t.match((await ask('GET', `/v1/media/${wrong.id}`)).json(), { status: 'refused', reason: 'checksum' })
    const noise = randomBytes(500)
    const { id } = await begin({ name: 'film.mp4', size: noise.length })
    await put(id, 1, noise)
    await complete(id)
    await check(id)
    t.match((await ask('GET', `/v1/media/${id}`)).json(), { status: 'refused', reason: 'type-not-taken' })
    for (const gone of [wrong.id, id]) {
      t.equal(outcome(await visit(`/media/${gone}`)), '404 MEDIA_UNKNOWN')
      t.notOk((await keysOf()).some((key) => key.includes(gone)))
    }
  })

  t.test('that is given up leaves neither row nor parts: 204, and then 404', async (t) => {
    const { id } = await begin()
    await put(id, 1, first)
    const [row] = await dbOf(a).mediaUpload.findMany({ where: { mediaId: id } })
    t.equal(outcome(await ask('DELETE', `/v1/media/uploads/${id}`, { site: b })), '404 UPLOAD_UNKNOWN', 'another site cannot')
    t.equal((await ask('DELETE', `/v1/media/uploads/${id}`)).statusCode, 204)
    t.equal(outcome(await ask('GET', `/v1/media/uploads/${id}`)), '404 UPLOAD_UNKNOWN')
    const stored = { key: `media/${id}/original`, id: row?.storageUpload ?? '' }
    await t.rejects(storageOf(a).parts.list(stored), { message: 'the storage: unknown-upload' })
    t.notOk((await rowsOf()).some((one) => one.id === id))
  })

  t.test('is as unknown to another site as one that nobody has: 404 UPLOAD_UNKNOWN', async (t) => {
    const { id } = await begin()
    for (const one of [id, newId(), 'x']) {
      const at = `/v1/media/uploads/${one}`
      t.equal(outcome(await ask('GET', at, { site: b })), '404 UPLOAD_UNKNOWN')
      t.equal(outcome(await ask('POST', `${at}/complete`, { site: b })), '404 UPLOAD_UNKNOWN')
      t.equal(outcome(await ask('POST', `${at}/addresses`, { site: b, payload: { parts: [1] } })), '404 UPLOAD_UNKNOWN')
      const headers = { 'content-type': 'application/octet-stream' }
      t.equal(outcome(await ask('PUT', `${at}/parts/1`, { site: b, payload: first, headers })), '404 UPLOAD_UNKNOWN')
    }
    t.equal((await progress(id)).id, id, 'control')
    await ask('DELETE', `/v1/media/uploads/${id}`)
  })

  t.test('that nobody completes is swept after a day, with its parts and its share of the quota', async (t) => {
    const { id } = await begin()
    await put(id, 1, first)
    const [row] = await dbOf(a).mediaUpload.findMany({ where: { mediaId: id } })
    const usage = async () => (await ask('GET', '/v1/media/usage')).json().bytes
    const before = await usage()
    await sweepMedia(dbOf(a), storageOf(a))
    t.equal((await progress(id)).id, id, 'not before')
    await sweepMedia(dbOf(a), storageOf(a), Date.now() + 25 * 60 * 60_000)
    t.equal(outcome(await ask('GET', `/v1/media/uploads/${id}`)), '404 UPLOAD_UNKNOWN')
    t.equal(await usage(), before - bytes.length)
    await t.rejects(storageOf(a).parts.list({ key: `media/${id}/original`, id: row?.storageUpload ?? '' }), {
      message: 'the storage: unknown-upload',
    })
  })

  t.test('of which completing was cut off between storage and database is completed by asking again', async (t) => {
    const { id } = await begin()
    for (const [part, body] of [first, second].entries()) await put(id, part + 1, body)
    const [row] = await dbOf(a).mediaUpload.findMany({ where: { mediaId: id } })
    const stored = { key: `media/${id}/original`, id: row?.storageUpload ?? '' }
    await storageOf(a).parts.complete(stored, await storageOf(a).parts.list(stored))
    t.match((await complete(id)).json(), { id, status: 'checking' })
  })
})

t.test('what is announced is held against the limits: 413 FILE_TOO_LARGE, 400, and no address of a part that there is not', async (t) => {
  const { ask, begin, addressOf } = await createUploads(t, {})
  t.equal((await begin({ size: 20 * MB + 1 })).code, 'FILE_TOO_LARGE')
  for (const more of [{ size: 0 }, { size: -1 }, { size: 1.5 }, { name: '' }, { sha256: 'x' }, { visibility: 'secret' }, { tenantId: newId() }]) {
    t.equal((await begin(more)).code, 'REQUEST_INVALID', JSON.stringify(more))
  }
  const { id } = await begin()
  t.match(await addressOf(id, 2), `/v1/media/uploads/${id}/parts/2`)
  for (const parts of [[3], [0], [-1], [], [1.5], Array(101).fill(1)]) {
    t.equal(outcome(await ask('POST', `/v1/media/uploads/${id}/addresses`, { payload: { parts } })), '400 REQUEST_INVALID')
  }
  const put = (part: string, headers = {}) =>
    ask('PUT', `/v1/media/uploads/${id}/parts/${part}`, { payload: second, headers: { 'content-type': 'application/octet-stream', ...headers } })
  t.equal(outcome(await put('3')), '400 REQUEST_INVALID')
  t.equal(outcome(await put('1')), '409 UPLOAD_MISMATCH')
  t.equal(outcome(await put('2', { 'content-type': 'application/json' })), '415 CONTENT_TYPE_UNSUPPORTED')
  t.equal((await put('2')).statusCode, 204, 'control')
})

t.test('parts are as small as their number allows', async (t) => {
  t.equal(partSizeOf(1), 8 * MB)
  t.equal(partSizeOf(5_120 * MB), 8 * MB)
  for (const size of [60_000 * MB, 100_000 * MB + 7]) {
    t.ok(size / partSizeOf(size) <= 10_000)
    t.equal(partSizeOf(size) % MB, 0)
  }
})

t.test('two who complete an upload at once have the same answer, and the file is added once', async (t) => {
  const { app, a, begin, put, complete, data } = await createUploads(t, {})
  const { id } = await begin()
  for (const [part, body] of [first, second].entries()) await put(id, part + 1, body)
  const { parts } = app.objectStorage
  const { list } = parts
  const asked = new EventEmitter()
  let count = 0
  parts.list = async (upload) => {
    if (++count < 2) await once(asked, 'both')
    else asked.emit('both')
    return list(upload)
  }
  const answers = await Promise.all([complete(id), complete(id)])
  t.same(answers.map(outcome), ['200', '200'])
  t.same(answers[0]?.json(), answers[1]?.json())
  const { rows } = await data.owner.query(`select action from audit_events where tenant_id = $1 and target = $2`, [a.id, id])
  t.same(rows, [{ action: 'media.added' }])
})
