import { createServer } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { eventually } from '../eventually.ts'

const MB = 1024 * 1024

/** A bucket of one object, of which every reader is given the beginning and no more. */
async function startSlowBucket(t: Test) {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-length': MB, etag: '"x"' })
    if (request.method === 'HEAD') response.end()
    else response.write('the beginning')
  })
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const endpoint = `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`
  const storage = createS3Storage({ bucket: 'a', region: 'us-east-1', endpoint, publicEndpoint: '', accessKeyId: 'x', secretAccessKey: 'x' })
  t.teardown(() => storage.close())
  return storage
}

t.test('readers who take their time keep nobody from anything else', async (t) => {
  const storage = await startSlowBucket(t)
  const open = await Promise.all(Array.from({ length: 64 }, () => storage.read('film')))
  t.equal(await Promise.race([storage.stat('film').then((found) => found?.size), delay(5_000, 'waits', { ref: false })]), MB)
  for (const found of open) found?.stream.on('error', () => {}).destroy()
})

t.test('of parts that come through the service few are in memory at once; beyond those that may wait it is 503 OVERLOADED', async (t) => {
  const storage = await startSlowBucket(t)
  const [atOnce, waiting] = [8, 32]
  const bodies = Array.from({ length: atOnce + waiting + 1 }, () => new PassThrough({ highWaterMark: MB }))
  const sent = bodies.map((body) => {
    for (let chunk = 0; chunk < 8; chunk++) body.write(Buffer.alloc(64 * 1024))
    return storage.parts.put({ key: 'film', id: 'x' }, { part: 1, body, size: MB }).catch((error: Error) => error)
  })
  t.match(await sent.at(-1), { code: 'OVERLOADED', statusCode: 503, retryAfter: 1 })
  const drained = () => bodies.filter(({ readableLength, writableLength }) => readableLength + writableLength === 0).length
  await eventually(t, 'some are read as they come', () => drained() >= atOnce, 10_000)
  t.equal(drained(), atOnce, 'the others are not')
  for (const body of bodies) body.destroy(new Error('the client is gone'))
  for (const failure of await Promise.all(sent.slice(0, -1))) t.match(failure, { message: 'the storage: broken-off' })
  const again = storage.parts.put({ key: 'film', id: 'x' }, { part: 1, body: Readable.from([]), size: 1 })
  await t.rejects(again, { message: 'the storage: mismatch' }, 'there is room again')
})
