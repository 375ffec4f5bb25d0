import { createMemoryStore } from './limits/memory-store.ts'
import type { LimitStore } from './limits/store.ts'

export interface RateLimiter {
  /** Counts one use of `key`. Answers 0, or the whole seconds to wait when it is over the limit. */
  take(key: string): number | Promise<number>
}

export interface RateLimiterOptions {
  limit: number
  windowMs: number
  /** Where it counts, and under which name. Default: in memory of its own, by the clock `now`. */
  store?: LimitStore
  name?: string
  now?: () => number
}

/** A fixed window per key. */
export function createRateLimiter({ limit, windowMs, now = Date.now, store = createMemoryStore(now), name = 'uses' }: RateLimiterOptions) {
  return {
    take: async (key: string) => Math.ceil((await store.take({ name, key }, { limit, windowMs })) / 1000),
  } satisfies RateLimiter
}
