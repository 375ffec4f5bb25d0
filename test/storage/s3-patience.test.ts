import t from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { startFaultyProxy } from './faulty-proxy.ts'
import { startS3 } from './s3-server.ts'

const server = await startS3(t)
if (server) {
  const proxy = await startFaultyProxy(t, server.settings.endpoint)
  const withSilence = (silence: number) => {
    const storage = createS3Storage({ ...server.settings, endpoint: proxy.url }, { connection: 500, silence })
    t.teardown(() => storage.close())
    return storage
  }
  t.afterEach(() => proxy.heal())

  t.test('a server that refuses is asked four times, one that is silent twice', async (t) => {
    const storage = withSilence(500)
    for (const [fault, times] of [
      [500, 4],
      [503, 4],
      ['stall', 2],
    ] as const) {
      proxy.fail(fault)
      await t.rejects(storage.put('patience/a', Buffer.alloc(10), { contentType: 'image/png' }), { message: 'the storage: unavailable' })
      t.equal(proxy.met(), times, String(fault))
    }
  })

  t.test('a server that takes a body for longer than it may be silent is not given up', async (t) => {
    const storage = withSilence(2_000)
    proxy.fail('slow-request')
    const bytes = Buffer.alloc(48 * 1024 * 1024, 'x')
    const began = performance.now()
    t.equal((await storage.put('patience/b', bytes, { contentType: 'image/png' })).size, bytes.length)
    t.ok(performance.now() - began > 3_000, 'control: it took longer')
    t.equal(proxy.met(), 1, 'in one go')
    proxy.heal()
    await storage.remove(['patience/b'])
  })
}
