import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { startFaultyProxy } from './faulty-proxy.ts'
import { startS3 } from './s3-server.ts'
import { uploadsUnderWay } from './under-way.ts'

const server = await startS3(t)
if (server) {
  const { settings } = server
  const patience = { connection: 2_000, silence: 1_500 }
  const proxy = await startFaultyProxy(t, settings.endpoint)
  const direct = createS3Storage(settings)
  const storage = createS3Storage({ ...settings, endpoint: proxy.url }, patience)
  t.teardown(async () => {
    await Promise.all([direct.close(), storage.close()])
  })
  t.afterEach(() => proxy.heal())
  const kind = { contentType: 'application/octet-stream' }
  const large = randomBytes(12 * 1024 * 1024)
  const bodies = { 'in one piece': large.subarray(0, 1_000), 'in parts': large }
  const newKey = () => `faults/${randomUUID()}`
  const unavailable = { name: 'StorageFailure', message: 'the storage: unavailable' }
  const arriving = uploadsUnderWay(t, settings)

  for (const [title, bytes] of Object.entries(bodies)) {
    for (const fault of [500, 503, 'drop-request', 'stall', 'stall-request', 'lose-answer'] as const) {
      t.test(`${fault} once, ${title}: sent again, and there as a whole`, async (t) => {
        const key = newKey()
        proxy.fail(fault, 1)
        await storage.put(key, Readable.from([bytes], { objectMode: false }), kind)
        t.equal(proxy.met(), 1)
        const found = await direct.read(key)
        t.ok(found && (await buffer(found.stream)).equals(bytes))
      })
    }
    for (const fault of [500, 503, 'drop-request', 'stall', 'stall-request'] as const) {
      t.test(`${fault} for good, ${title}: unavailable, and nothing is there`, async (t) => {
        const key = newKey()
        proxy.fail(fault)
        await t.rejects(storage.put(key, Readable.from([bytes], { objectMode: false }), kind), unavailable)
        t.ok(proxy.met() > 1, 'more than once')
        proxy.heal()
        t.equal(await direct.stat(key), undefined)
        await storage.sweep(new Date(Date.now() + 60_000), 'faults/')
        t.same(await arriving(), [], 'nor are parts, once they were swept')
      })
    }
  }

  t.test('a part that fails for good takes the parts before it along', async (t) => {
    const key = newKey()
    proxy.fail(500, Number.POSITIVE_INFINITY, /^PUT /)
    await t.rejects(storage.put(key, Readable.from([large], { objectMode: false }), kind), unavailable)
    t.same(await arriving(), [], 'aborted by itself')
  })

  for (const [title, bytes] of Object.entries(bodies)) {
    t.test(`answers that are lost for good, ${title}: unavailable, with the object there as a whole or not at all`, async (t) => {
      const key = newKey()
      proxy.fail('lose-answer')
      await t.rejects(storage.put(key, Readable.from([bytes], { objectMode: false }), kind), unavailable)
      proxy.heal()
      const found = await direct.read(key)
      t.ok(found === undefined || (await buffer(found.stream)).equals(bytes))
      await storage.sweep(new Date(Date.now() + 60_000), 'faults/')
      t.same(await arriving(), [])
    })
  }

  /** Once; a new client still has its own retries. */
  const losingCompletion = (t: Test, times: number) => {
    const fresh = createS3Storage({ ...settings, endpoint: proxy.url }, patience)
    t.teardown(() => fresh.close())
    proxy.fail('lose-answer', times, /^POST .*uploadId=/)
    return fresh
  }

  t.test('the answer that an upload is complete is lost, in parts: whoever asks for them to be one object has it, once', async (t) => {
    for (const times of [1, 4]) {
      const upload = { key: newKey(), id: '' }
      upload.id = await direct.parts.begin(upload.key, kind)
      await direct.parts.put(upload, { part: 1, body: Readable.from([large], { objectMode: false }), size: large.length })
      const parts = await direct.parts.list(upload)
      const fresh = losingCompletion(t, times)
      t.match(await fresh.parts.complete(upload, parts), { key: upload.key, size: large.length })
      t.ok(proxy.met() > 0)
      const found = await direct.read(upload.key)
      t.ok(found && (await buffer(found.stream)).equals(large))
      await t.rejects(direct.parts.complete(upload, parts), { message: 'the storage: unknown-upload' })
    }
  })

  t.test(
    'the answer that an upload is complete is lost, in one stream: it is there as a whole, and the worst that is said is unavailable',
    async (t) => {
      for (const times of [1, 4]) {
        const key = newKey()
        const put = losingCompletion(t, times).put(key, Readable.from([large], { objectMode: false }), kind)
        await put.catch((failure) => t.match(failure, unavailable))
        t.ok(proxy.met() > 0)
        const found = await direct.read(key)
        t.ok(found && (await buffer(found.stream)).equals(large))
        t.same(await arriving(), [])
      }
    },
  )

  t.test('a server that has forgotten the upload of a stream is unavailable: the sender knows of no upload', async (t) => {
    const key = newKey()
    proxy.fail(404, 1, /^POST .*uploadId=/)
    await t.rejects(storage.put(key, Readable.from([large], { objectMode: false }), kind), unavailable)
    t.equal(proxy.met(), 1)
    t.equal(await direct.stat(key), undefined)
    t.same(await arriving(), [])
  })

  t.test('an answer that breaks off, or goes silent, is an error, and never a shorter file', async (t) => {
    const key = newKey()
    await direct.put(key, large, kind)
    for (const fault of ['drop-answer', 'stall-answer'] as const) {
      proxy.fail(fault, Number.POSITIVE_INFINITY, /^GET /)
      await t.rejects(async () => {
        const found = await storage.read(key)
        if (found) await buffer(found.stream)
      }, fault)
    }
    proxy.heal()
    const found = await storage.read(key)
    t.ok(found && (await buffer(found.stream)).equals(large), 'control')
  })

  t.test('a server that is gone, keys that it does not know and a bucket that is not there are told apart', async (t) => {
    const refused = { name: 'StorageFailure', message: 'the storage: refused' }
    const with_ = (change: object) => {
      const other = createS3Storage({ ...settings, ...change }, { connection: 300, silence: 300 })
      t.teardown(() => other.close())
      return other
    }
    await t.rejects(with_({ endpoint: 'http://127.0.0.1:1' }).stat('a'), unavailable)
    await t.rejects(with_({ secretAccessKey: 'another' }).put(newKey(), Buffer.from('x'), kind), refused)
    await t.rejects(with_({ bucket: 'not-there' }).put(newKey(), Buffer.from('x'), kind), refused)
  })
}
