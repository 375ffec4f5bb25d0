import { createMemoryStore } from './memory-store.ts'
import type { RedisLinkOptions } from './redis-link.ts'
import type { LimitStore } from './store.ts'

export interface LimitStoreOptions extends Omit<RedisLinkOptions, 'url'> {
  /** Empty: each copy counts for itself. */
  redisUrl: string
  secrets: readonly Buffer[]
}

export interface OpenLimitStore {
  store: LimitStore
  close(): void
}

/** In memory for one copy, in Redis for many. */
export async function openLimitStore({ redisUrl, secrets, ...link }: LimitStoreOptions): Promise<OpenLimitStore> {
  const meanwhile = createMemoryStore()
  if (!redisUrl) return { store: meanwhile, close() {} }
  // Loaded only where it is used: the client takes memory.
  const [{ createRedisLink }, { createRedisStore }] = await Promise.all([import('./redis-link.ts'), import('./redis-store.ts')])
  const { run, open, close } = createRedisLink({ url: redisUrl, ...link })
  await open()
  return { store: withStandIn(createRedisStore({ run, secrets }), meanwhile), close }
}

/**
 * While `shared` fails, `own` counts: nothing is let through uncounted, and nobody is refused for want of a store. What each has counted stays with it,
 * so that a store which comes and goes gives nobody new tries each time.
 */
export function withStandIn(shared: LimitStore, own: LimitStore): LimitStore {
  const either = async <T>(ask: (store: LimitStore) => Promise<T>) => ask(shared).catch(() => ask(own))
  return {
    take: (counter, window) => either((store) => store.take(counter, window)),
    async fail(counter, delays) {
      const failure = await either((store) => store.fail(counter, delays))
      // Where it cannot be taken back it stands, which costs somebody one try.
      return { ...failure, takeBack: () => failure.takeBack().catch(() => {}) }
    },
    wait: (counter) => either((store) => store.wait(counter)),
    async clear(counter) {
      await own.clear(counter)
      await shared.clear(counter).catch(() => {})
    },
  }
}
