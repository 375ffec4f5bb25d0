import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { freePort } from '../free-port.ts'
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
      ['lose-answer', 4],
      ['stall', 2],
    ] as const) {
      proxy.fail(fault)
      await t.rejects(storage.put('patience/a', Buffer.alloc(10), { contentType: 'image/png' }), { message: 'the storage: unavailable' })
      t.equal(proxy.met(), times, String(fault))
    }
  })

  t.test('one that does not even read is not asked twice, where the first time took as long', async (t) => {
    const [port, asked] = [await freePort(), new Set()]
    const deaf = createServer((socket) => {
      asked.add(socket)
      socket.pause()
      t.teardown(() => socket.destroy())
    }).listen(port, '127.0.0.1')
    await once(deaf, 'listening')
    t.teardown(() => deaf.close())
    const storage = createS3Storage({ ...server.settings, endpoint: `http://127.0.0.1:${port}` }, { connection: 500, silence: 6_500 })
    t.teardown(() => storage.close())
    await t.rejects(storage.put('patience/c', Buffer.alloc(5 * 1024 * 1024), { contentType: 'image/png' }), { message: 'the storage: unavailable' })
    t.equal(asked.size, 1)
  })

  t.test('a server that takes a body for longer than it may be silent is not given up', async (t) => {
    const storage = withSilence(3_000)
    proxy.fail('slow-request')
    const bytes = Buffer.alloc(72 * 1024 * 1024, 'x')
    const began = performance.now()
    t.equal((await storage.put('patience/b', bytes, { contentType: 'image/png' })).size, bytes.length)
    t.ok(performance.now() - began > 4_500, 'control: it took longer')
    t.equal(proxy.met(), 1, 'in one go')
    proxy.heal()
    await storage.remove(['patience/b'])
  })
}
