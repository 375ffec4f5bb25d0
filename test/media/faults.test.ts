import { once } from 'node:events'
import { Agent, request as ask } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { sweepMedia } from '../../src/media/sweep-media.ts'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { outcome } from '../auth/auth-calls.ts'
import { eventually } from '../eventually.ts'
import { mp4Of } from '../files/hostile-files.ts'
import { asBody, fieldParts, filePart, headersOf, type Multipart, multipart } from '../multipart.ts'
import { listen, sendRaw } from '../raw-request.ts'
import { startFaultyProxy } from '../storage/faulty-proxy.ts'
import { startS3 } from '../storage/s3-server.ts'
import { mountSmallDisk } from '../storage/small-disk.ts'
import { underWay, uploadsUnderWay } from '../storage/under-way.ts'
import { createMediaApp, ofFile, saysOfFile } from './media-calls.ts'
import { onBothStorages } from './storages.ts'

const MB = 1024 * 1024
const tomorrow = () => Date.now() + 25 * 60 * 60_000
const small = { name: 'a.mp4', bytes: mp4Of(10_000) }
const large = { name: 'a.mp4', bytes: mp4Of(12 * MB) }

type MediaApp = Awaited<ReturnType<typeof createMediaApp>>

/** No row without its object, no object without its row. */
async function agree(t: Test, { rowsOf, keysOf }: MediaApp, title: string): Promise<void> {
  const rows = await rowsOf()
  t.same(
    (await keysOf()).filter((key) => key.endsWith('/original')),
    rows.filter(({ status }) => status !== 'refused').map(({ id }) => `media/${id}/original`),
    title,
  )
}

t.test('a bucket that fails', async (t) => {
  const server = await startS3(t)
  if (!server) return
  const proxy = await startFaultyProxy(t, server.settings.endpoint)
  const storage = createS3Storage({ ...server.settings, endpoint: proxy.url }, { connection: 2_000, silence: 1_500 })
  const tools = await createMediaApp(t, { overrides: { storage } })
  const { a, ask, send, add, visit, dbOf, storageOf, rowsOf, app } = tools
  const parts = uploadsUnderWay(t, server.settings)
  const port = await listen(app)

  for (const [size, file] of Object.entries({ small, large })) {
    for (const fault of [500, 503, 'stall', 'drop-request'] as const) {
      t.test(`${fault}, ${size}: once is got over, for good answers 503 STORAGE_UNAVAILABLE and leaves nothing`, async (t) => {
        proxy.fail(fault, 1)
        t.equal(outcome(await send(file)), '201')
        t.equal(proxy.met(), 1, 'it was met')
        const before = await rowsOf()
        proxy.fail(fault)
        const answer = await send(file)
        proxy.heal()
        t.equal(outcome(answer), '503 STORAGE_UNAVAILABLE')
        t.ok(Number(answer.headers['retry-after']) > 0)
        t.ok(
          (await rowsOf()).slice(before.length).every(({ status }) => status === 'uploading'),
          'what is left of it waits for the sweep',
        )
        await sweepMedia(dbOf(a), storageOf(a), tomorrow())
        await storage.sweep(new Date(Date.now() + 60_000), 'tenants/')
        t.same(
          (await rowsOf()).filter(({ status }) => status === 'uploading'),
          [],
        )
        t.same(await parts(), [], 'nor is a part left')
      })
    }
  }

  t.test('a bucket that takes nothing but lets what there is be removed leaves nothing at all', async (t) => {
    const before = await rowsOf()
    proxy.fail(503, Number.POSITIVE_INFINITY, /^PUT /)
    t.equal(outcome(await send(large)), '503 STORAGE_UNAVAILABLE')
    proxy.heal()
    t.same(await rowsOf(), before)
    t.same(await parts(), [])
  })

  t.test('an object that breaks off while it is sent is a broken answer, and never a shorter file', async (t) => {
    const { id } = await add(large)
    proxy.fail('drop-answer', Number.POSITIVE_INFINITY, /^GET /)
    const read = async () => {
      const socket = connect(port, '127.0.0.1')
      socket.write(`GET /media/${id} HTTP/1.1\r\nHost: ${a.host}\r\nConnection: close\r\n\r\n`)
      let size = 0
      for await (const chunk of socket) size += chunk.length
      return size
    }
    t.ok((await read().catch(() => 0)) < large.bytes.length)
    proxy.heal()
    t.ok((await visit(`/media/${id}`)).rawPayload.equals(large.bytes), 'control')
  })

  t.test('an object whose first byte does not come is a failure, says nothing of the file, and takes nobody’s place', async (t) => {
    const { id } = await add(small)
    proxy.fail('lose-body', Number.POSITIVE_INFINITY, /^GET /)
    const read = () => sendRaw(port, [`GET /media/${id} HTTP/1.1`, `Host: ${a.host}`, 'Range: bytes=0-9'])
    for (let time = 0; time < 40; time++) {
      const answer = await read()
      t.same([answer.status, saysOfFile(answer)], [503, []])
    }
    proxy.heal()
    t.same(saysOfFile(await read()), ofFile, 'control')
  })

  t.test('reading and deleting while it is away: 503, and 204 with the rest swept', async (t) => {
    const { id } = await add(small)
    proxy.fail(500)
    const answer = await visit(`/media/${id}`, { range: 'bytes=0-9' })
    t.equal(outcome(answer), '503 STORAGE_UNAVAILABLE')
    t.same(saysOfFile(answer), [], 'nothing of what was to be sent')
    t.equal(outcome(await ask('POST', '/v1/media/uploads', { payload: { name: 'a.mp4', size: 5 } })), '503 STORAGE_UNAVAILABLE')
    t.equal((await ask('DELETE', `/v1/media/${id}`)).statusCode, 204)
    proxy.heal()
    t.equal(outcome(await visit(`/media/${id}`)), '404 MEDIA_UNKNOWN')
    await sweepMedia(dbOf(a), storageOf(a), tomorrow())
    await agree(t, tools, 'the sweep removed it')
  })
})

t.test('a bucket that is gone answers 503 STORAGE_UNAVAILABLE, and no row stays for good', async (t) => {
  const nowhere = { bucket: 'x', region: 'us-east-1', endpoint: 'http://127.0.0.1:9', publicEndpoint: '', accessKeyId: 'x', secretAccessKey: 'x' }
  const tools = await createMediaApp(t, { overrides: { storage: createS3Storage(nowhere, { connection: 200, silence: 200 }) } })
  t.equal(outcome(await tools.send(small)), '503 STORAGE_UNAVAILABLE')
  t.same(await tools.rowsOf(), [])
  t.equal((await tools.visit('/v1/site')).statusCode, 200, 'everything else goes on')
})

onBothStorages(t, 'a sender who goes away', async (t, env) => {
  const tools = await createMediaApp(t, { env })
  const port = await listen(tools.app)
  const arriving = underWay(t, tools.app.config.storage)
  for (const share of [0.1, 0.99]) {
    t.test(`at ${share * 100} % leaves neither row nor object, nor parts of one`, async (t) => {
      const { payload, headers } = multipart(large)
      const head = [
        'POST /v1/media HTTP/1.1',
        `Host: ${tools.a.host}`,
        `Authorization: Bearer ${await tools.tokenOf(tools.a)}`,
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ]
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      socket.write(`${head.join('\r\n')}\r\n\r\n`)
      socket.write(payload.subarray(0, Math.floor(payload.length * share)))
      await eventually(t, 'its row is there', async () => (await tools.rowsOf()).length === 1, 10_000)
      // Of what is less than a part the bucket knows nothing yet.
      if (share > 0.5) await eventually(t, 'so is a part of it', async () => (await arriving()).length === 1, 10_000)
      socket.destroy()
      await eventually(t, 'and gone', async () => (await tools.rowsOf()).length === 0, 10_000)
      t.same(await tools.keysOf(), [])
      await eventually(t, 'nothing is on its way', async () => (await arriving()).length === 0, 10_000)
      t.match((await tools.ask('GET', '/v1/media/usage')).json(), { bytes: 0, files: 0 })
    })
  }
  t.test('whose permission is taken away while the file comes answers 403 AUTH_FORBIDDEN, and nothing of it stays', async (t) => {
    const { payload, headers } = multipart(large)
    const authorization = `Bearer ${await tools.tokenOf(tools.a)}`
    const request = ask({ port, method: 'POST', path: '/v1/media', headers: { ...headers, host: tools.a.host, authorization } })
    const half = payload.length / 2
    request.write(payload.subarray(0, half))
    await eventually(t, 'its row is there', async () => (await tools.rowsOf()).length === 1, 10_000)
    const allow = (permission: string) =>
      tools.data.owner.query(
        `update roles set permissions = array_replace(permissions, $2, 'media:' || $3) where tenant_id = $1 and slug = 'owner'`,
        [tools.a.id, permission === 'write' ? 'media:none' : 'media:write', permission],
      )
    await allow('none')
    await eventually(t, 'it is known', async () => (await tools.ask('POST', '/v1/media/uploads', { payload: {} })).statusCode === 403)
    request.end(payload.subarray(half))
    const [answer] = await once(request, 'response')
    t.match({ status: answer.statusCode, body: await text(answer) }, { status: 403, body: /AUTH_FORBIDDEN/ })
    await eventually(t, 'its row is gone', async () => (await tools.rowsOf()).length === 0)
    t.same(await tools.keysOf(), [])
    await allow('write')
    await eventually(t, 'it may again', async () => (await tools.ask('POST', '/v1/media/uploads', { payload: {} })).statusCode === 400)
  })
  t.test(
    'who has more to send than is taken is answered all the same, and the next request on the connection too',
    { timeout: 20_000 },
    async (t) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      t.teardown(() => agent.destroy())
      const authorization = `Bearer ${await tools.tokenOf(tools.a)}`
      const post = async ({ payload, headers }: Multipart) => {
        const request = ask({ port, method: 'POST', path: '/v1/media', agent, headers: { ...headers, host: tools.a.host, authorization } })
        request.end(payload)
        const [answer] = await once(request, 'response')
        return { status: answer.statusCode, body: await text(answer) }
      }
      const page = Buffer.concat([Buffer.from('<!doctype html>'), Buffer.alloc(20 * MB, 'x')])
      for (let round = 0; round < 2; round++)
        t.match(await post(multipart({ name: 'a.png', bytes: page })), { status: 422, body: /MEDIA_TYPE_REFUSED/ })
      t.match(await post(multipart(small)), { status: 201 })
      await tools.ask('DELETE', `/v1/media/${(await tools.rowsOf())[0].id}`)
    },
  )
  t.test('a form that turns out to be no good in its file or after it leaves nothing', async (t) => {
    const [file, alt, more] = [filePart(large), fieldParts({ alt: 'x' }), fieldParts({ visibility: 'private' })]
    const forms: Record<string, [expected: string, form: Multipart]> = {
      'control: all that is taken': ['201', asBody([file, ...alt, ...more])],
      'cut off in its file': ['400 UPLOAD_MALFORMED', withoutEnd([file])],
      'cut off after its file': ['400 UPLOAD_MALFORMED', withoutEnd([file, ...alt])],
      'one file too many': ['413 UPLOAD_PARTS', asBody([file, filePart(small)])],
      'one part too many': ['413 UPLOAD_PARTS', asBody([file, ...alt, ...more, ...alt])],
      'a field that nobody knows': ['400 UPLOAD_MALFORMED', asBody([file, ...fieldParts({ other: 'x' })])],
    }
    for (const [title, [expected, form]] of Object.entries(forms)) {
      const answer = await tools.ask('POST', '/v1/media', { ...form })
      t.equal(outcome(answer), expected, title)
      if (expected === '201') await tools.ask('DELETE', String(answer.headers.location))
      t.same([await tools.rowsOf(), await tools.keysOf()], [[], []], title)
    }
  })
})

t.test('a disk that is full answers 507 STORAGE_FULL, and takes smaller files as before', async (t) => {
  const folder = await mountSmallDisk(t, 4)
  if (!folder) return
  const tools = await createMediaApp(t, { env: { STORAGE_DIR: folder } })
  t.equal(outcome(await tools.send(large)), '507 STORAGE_FULL')
  const { id } = (await tools.ask('POST', '/v1/media/uploads', { payload: { name: 'a.mp4', size: 5 * MB } })).json()
  const headers = { 'content-type': 'application/octet-stream' }
  t.equal(outcome(await tools.ask('PUT', `/v1/media/uploads/${id}/parts/1`, { payload: mp4Of(5 * MB), headers })), '507 STORAGE_FULL')
  await tools.ask('DELETE', `/v1/media/uploads/${id}`)
  t.same(await tools.rowsOf(), [])
  t.equal(outcome(await tools.send(small)), '201')
  await agree(t, tools, 'nothing of the others is left')
})

/** All of the parts, and of the final boundary nothing. */
function withoutEnd(parts: readonly Buffer[]): Multipart {
  const payload = Buffer.concat(parts)
  return { payload, headers: headersOf(payload.length) }
}
