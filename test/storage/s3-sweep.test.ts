import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { startFaultyProxy } from './faulty-proxy.ts'
import { startS3 } from './s3-server.ts'
import { uploadsUnderWay } from './under-way.ts'

const afterAll = () => new Date(Date.now() + 60_000)

t.test('uploads of others in the same bucket are no business of a sweep', async (t) => {
  const bucket = await openBucket(t)
  if (!bucket) return
  const { storage, own, begin, arriving } = bucket
  const others = [`a-${own}other`, `z-${own}other`]
  await begin([...others, `${own}a`])
  await storage.sweep(afterAll(), own)
  t.same(await arriving(), others)
})

t.test('an upload that has ended since it was listed is as good as swept', async (t) => {
  const bucket = await openBucket(t)
  if (!bucket) return
  const { storage, proxy, own, begin, arriving } = bucket
  await begin(['a', 'b', 'c'].map((name) => own + name))
  proxy.fail(404, 1, new RegExp(`^DELETE .*/${own}b[?]`))
  await storage.sweep(afterAll(), own)
  t.equal(proxy.met(), 1, 'control')
  t.same(await arriving(), [`${own}b`], 'of which only the answer says that it has')
})

t.test('one that may not be aborted keeps none of the others, and is told when they are gone', async (t) => {
  const bucket = await openBucket(t)
  if (!bucket) return
  const { storage, proxy, own, begin, arriving } = bucket
  await begin(['a', 'b', 'c'].map((name) => own + name))
  proxy.fail(403, Number.POSITIVE_INFINITY, new RegExp(`^DELETE .*/${own}[ab][?]`))
  await t.rejects(storage.sweep(afterAll(), own), { name: 'StorageFailure', message: 'the storage: refused' })
  t.same(await arriving(), [`${own}a`, `${own}b`])
  proxy.heal()
  await storage.sweep(afterAll(), own)
  t.same(await arriving(), [])
})

t.test('a server that fails is not asked for each of them: unavailable', async (t) => {
  const bucket = await openBucket(t)
  if (!bucket) return
  const { storage, proxy, own, begin, arriving } = bucket
  const keys = ['a', 'b', 'c'].map((name) => own + name)
  await begin(keys)
  proxy.fail(500, Number.POSITIVE_INFINITY, /^DELETE /)
  await t.rejects(storage.sweep(afterAll(), own), { name: 'StorageFailure', message: 'the storage: unavailable' })
  t.equal(proxy.met(), 4, 'as often as anything is tried')
  t.same(await arriving(), keys)
})

/** A bucket with uploads below a folder of the test’s own. */
async function openBucket(t: Test) {
  const server = await startS3(t)
  if (!server) return undefined
  const proxy = await startFaultyProxy(t, server.settings.endpoint)
  const direct = createS3Storage(server.settings)
  const storage = createS3Storage({ ...server.settings, endpoint: proxy.url })
  const own = `sweep-${randomUUID()}/`
  const keys = uploadsUnderWay(t, server.settings)
  t.teardown(async () => {
    await direct.sweep(afterAll(), '')
    await Promise.all([direct.close(), storage.close()])
  })
  const begin = async (list: readonly string[]) => {
    for (const key of list) await direct.parts.begin(key, { contentType: 'text/plain' })
  }
  const arriving = async () => (await keys()).filter((key) => key.includes(own)).sort()
  return { storage, proxy, own, begin, arriving }
}
