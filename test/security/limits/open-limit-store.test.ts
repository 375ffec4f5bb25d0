import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { openLimitStore } from '../../../src/security/limits/open-limit-store.ts'
import { eventually } from '../../eventually.ts'
import { freePort } from '../../free-port.ts'
import { startRedis } from '../../redis.ts'

const window = { limit: 3, windowMs: 60_000 }
const delays = { delays: [0, 0, 60_000], forgetMs: 60_000 }
const counter = (key: string) => ({ name: 'test', key })
const secrets = [randomBytes(32)]

/** Patient by default: what is counted is asked here, and the machine may be busy with other tests. */
const patient = { commandTime: 10_000, connectTime: 10_000 }

async function openStore(t: Test, redisUrl: string, { own = secrets, times = patient }: { own?: Buffer[]; times?: Partial<typeof patient> } = {}) {
  const said: string[] = []
  const opened = await openLimitStore({
    redisUrl,
    secrets: own,
    ...times,
    onAway: (error) => said.push(`away: ${error instanceof Error ? error.message : error}`),
    onBack: () => said.push('back'),
  })
  t.teardown(opened.close)
  const uses = async (key: string, times: number) => {
    const waits = []
    for (let n = 0; n < times; n++) waits.push((await opened.store.take(counter(key), window)) > 0)
    return waits
  }
  return { ...opened, said, uses }
}

t.test('two copies with one Redis count together, and without it each for itself', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, other] = [await openStore(t, redis.url), await openStore(t, redis.url)]
  t.same([await one.uses('a', 2), await other.uses('a', 2), await one.uses('a', 1)], [[false, false], [false, true], [true]])
  const [alone, apart] = [await openStore(t, ''), await openStore(t, '')]
  t.same([await alone.uses('a', 3), await apart.uses('a', 3), await alone.uses('a', 1)], [Array(3).fill(false), Array(3).fill(false), [true]])

  await one.store.fail(counter('b'), delays)
  await other.store.fail(counter('b'), delays)
  t.match(await one.store.fail(counter('b'), delays), { wait: 0, failures: 3 })
  t.ok((await other.store.fail(counter('b'), delays)).wait > 50_000)
  t.ok((await other.store.wait(counter('b'))) > 50_000)
  await other.store.clear(counter('b'))
  t.equal(await one.store.wait(counter('b')), 0)
  t.same(one.said, [])
})

t.test('keys in Redis expire, and name neither addresses nor accounts', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store } = await openStore(t, redis.url)
  await store.take(counter('tenant 192.0.2.7'), window)
  await store.fail(counter('tenant ana@people.example'), delays)
  const keys = await redis.ask('KEYS', '*')
  if (!Array.isArray(keys)) return t.fail('it has keys')
  const counted = keys.map(String).filter((key) => !key.endsWith(':probe'))
  t.equal(counted.length, 2)
  for (const key of counted) {
    t.match(key, /^tenantry:limits:test:[\w-]{43}$/)
    const life = Number(await redis.ask('PTTL', key))
    t.ok(life > 0 && life <= 120_000, `${life} ms left`)
    t.notMatch(JSON.stringify(await redis.ask('HGETALL', key)), /192\.0|ana|people/)
  }
  const other = await openStore(t, redis.url, { own: [randomBytes(32)] })
  t.same(await other.uses('tenant 192.0.2.7', 3), [false, false, false], 'another deployment in the same Redis counts apart')
})

t.test('a Redis that is killed: this copy goes on counting, says so once, and shares again when it is back', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { said, uses, store } = await openStore(t, redis.url)
  const counted = await store.fail(counter('in Redis'), delays)
  await redis.kill()
  t.same(await uses('a', 5), [false, false, false, true, true], 'neither open nor closed')
  t.same((await Promise.all([store.fail(counter('b'), delays), store.fail(counter('b'), delays)])).map(({ failures }) => failures).sort(), [1, 2])
  const third = await store.fail(counter('b'), delays)
  t.equal(third.failures, 3)
  t.ok((await store.wait(counter('b'))) > 0)
  await counted.takeBack()
  t.equal(said.length, 1)
  t.match(said[0], /^away: /)
  await redis.start()
  await eventually(t, 'it is back', () => said.length === 2, 5_000)
  t.equal(said[1], 'back')
  await third.takeBack()
  const other = await openStore(t, redis.url)
  t.same(
    [await uses('c', 2), await other.uses('c', 2)],
    [
      [false, false],
      [false, true],
    ],
  )
  await redis.kill()
  t.ok((await store.take(counter('a'), window)) > 0, 'what was counted meanwhile counts the next time too')
  t.equal(await store.wait(counter('b')), 0, 'but for what was taken back')
  t.equal(said.length, 3)
})

t.test('a Redis that stands still costs a quarter of a second once, and is used again when it goes on', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { said, uses } = await openStore(t, redis.url, { times: {} })
  await uses('a', 1)
  redis.stall()
  const started = performance.now()
  t.same(await uses('a', 5), [false, false, false, true, true])
  const took = performance.now() - started
  t.ok(took >= 200 && took < 5_000, `${Math.round(took)} ms for five`)
  t.equal(said.length, 1)
  t.match(said[0], /no answer from Redis within 250 ms/)
  redis.resume()
  await eventually(t, 'it is back', () => said.length === 2, 10_000)
  const other = await openStore(t, redis.url)
  t.same(
    [await uses('c', 2), await other.uses('c', 2)],
    [
      [false, false],
      [false, true],
    ],
  )
})

t.test('without a Redis at the start the service starts all the same, and finds it later', async (t) => {
  const port = await freePort()
  const { said, uses } = await openStore(t, `redis://127.0.0.1:${port}`)
  t.equal(said.length, 1)
  t.same(await uses('a', 4), [false, false, false, true])
})

t.test('a Redis that takes no writes is one that is away, for as long as that lasts', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { said, uses } = await openStore(t, redis.url)
  await redis.ask('CONFIG', 'SET', 'maxmemory', '1')
  t.same(await uses('a', 4), [false, false, false, true])
  const refusals = async () => Number(/errorstat_OOM:count=(\d+)/.exec(String(await redis.ask('INFO', 'errorstats')))?.[1] ?? 0)
  await eventually(t, 'it has been tried again twice', async () => (await refusals()) >= 3, 5_000)
  t.equal(said.length, 1, 'a connection that can do no more than connect is no return')
  await redis.ask('CONFIG', 'SET', 'maxmemory', '0')
  await eventually(t, 'it is back', () => said.length === 2, 5_000)
})

t.test('a closed store leaves no connection behind', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, close, said } = await openStore(t, redis.url)
  await store.take(counter('a'), window)
  const clients = async () =>
    String(await redis.ask('CLIENT', 'LIST'))
      .trim()
      .split('\n').length
  t.equal(await clients(), 2, 'its own and the one that asks')
  close()
  await eventually(t, 'one is gone', async () => (await clients()) === 1)
  t.same(said, [])
})
