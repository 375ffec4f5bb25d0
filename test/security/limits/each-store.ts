import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { createMemoryStore } from '../../../src/security/limits/memory-store.ts'
import { createRedisLink } from '../../../src/security/limits/redis-link.ts'
import { createRedisStore } from '../../../src/security/limits/redis-store.ts'
import type { LimitStore } from '../../../src/security/limits/store.ts'
import { startRedis } from '../../redis.ts'

/** An empty store that tells the time by `now`. */
export type OpenStore = (now: () => number) => LimitStore

/** The same tests on every kind of store: in memory, and in a real Redis. */
export async function onEachStore(t: Test, tests: (t: Test, open: OpenStore) => Promise<void>): Promise<void> {
  await t.test('in memory', (t) => tests(t, createMemoryStore))
  await t.test('in Redis', async (t) => {
    const open = await openRedisStores(t)
    if (open) await tests(t, open)
  })
}

/** Each has names of its own for its keys, and so begins empty. */
export async function openRedisStores(t: Test): Promise<OpenStore | undefined> {
  const redis = await startRedis(t)
  if (!redis) return undefined
  const fail = (error: unknown) => t.fail('Redis is there all the time', { error })
  // What is counted is asked here, not how fast: other tests may keep the machine busy.
  const link = createRedisLink({ url: redis.url, commandTime: 10_000, connectTime: 10_000, onAway: fail, onBack: () => {} })
  await link.open()
  t.teardown(link.close)
  return (now) => createRedisStore({ run: link.run, secrets: [randomBytes(32)], now })
}
