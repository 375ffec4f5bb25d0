import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import t from 'tap'
import { openS3Client } from '../../src/storage/s3-client.ts'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { startFaultyProxy } from './faulty-proxy.ts'
import { startS3 } from './s3-server.ts'

const server = await startS3(t)
if (server) {
  const { settings } = server
  const proxy = await startFaultyProxy(t, settings.endpoint)
  const direct = createS3Storage(settings)
  const storage = createS3Storage({ ...settings, endpoint: proxy.url }, { connection: 500, silence: 500 })
  const client = openS3Client(settings)
  t.teardown(async () => {
    await Promise.all([direct.close(), storage.close()])
    client.destroy()
  })
  t.afterEach(() => proxy.heal())
  const kind = { contentType: 'application/octet-stream' }
  const large = randomBytes(12 * 1024 * 1024)
  const bodies = { 'in one piece': large.subarray(0, 1_000), 'in parts': large }
  const newKey = () => `faults/${randomUUID()}`
  const unavailable = { name: 'StorageFailure', message: 'the storage: unavailable' }
  const uploadsUnderWay = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: settings.bucket }))).Uploads ?? []

  for (const [title, bytes] of Object.entries(bodies)) {
    for (const fault of [500, 503, 'drop-request', 'stall'] as const) {
      t.test(`${fault} once, ${title}: sent again, and there as a whole`, async (t) => {
        const key = newKey()
        proxy.fail(fault, 1)
        await storage.put(key, Readable.from([bytes], { objectMode: false }), kind)
        t.equal(proxy.met(), 1)
        const found = await direct.read(key)
        t.ok(found && (await buffer(found.stream)).equals(bytes))
      })
    }
    for (const fault of [500, 503, 'drop-request', 'stall'] as const) {
      t.test(`${fault} for good, ${title}: unavailable, and nothing is there`, async (t) => {
        const key = newKey()
        proxy.fail(fault)
        await t.rejects(storage.put(key, Readable.from([bytes], { objectMode: false }), kind), unavailable)
        t.ok(proxy.met() > 1, 'more than once')
        proxy.heal()
        t.equal(await direct.stat(key), undefined)
        await storage.sweep(new Date(Date.now() + 60_000))
        t.same(await uploadsUnderWay(), [], 'nor are parts, once they were swept')
      })
    }
  }

  t.test('a part that fails for good takes the parts before it along', async (t) => {
    const key = newKey()
    proxy.fail(500, Number.POSITIVE_INFINITY, 'PUT')
    await t.rejects(storage.put(key, Readable.from([large], { objectMode: false }), kind), unavailable)
    t.same(await uploadsUnderWay(), [], 'aborted by itself')
  })

  t.test('an answer that breaks off is an error, and never a shorter file', async (t) => {
    const key = newKey()
    await direct.put(key, large, kind)
    proxy.fail('drop-answer', Number.POSITIVE_INFINITY, 'GET')
    await t.rejects(async () => {
      const found = await storage.read(key)
      if (found) await buffer(found.stream)
    })
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
