import { LRUCache } from 'lru-cache'

export interface RateLimiter {
  /** Counts one use of `key`. Answers 0, or the whole seconds to wait when it is over the limit. */
  take(key: string): number
}

const keptKeys = 100_000

/** A fixed window per key, in this process's memory. Bounded: the keys used longest ago are forgotten first. */
export function createRateLimiter({ limit, windowMs, now = Date.now }: { limit: number; windowMs: number; now?: () => number }): RateLimiter {
  const windows = new LRUCache<string, { used: number; endsAt: number }>({ max: keptKeys })
  return {
    take(key) {
      const at = now()
      const known = windows.get(key)
      if (!known || known.endsAt <= at) {
        windows.set(key, { used: 1, endsAt: at + windowMs })
        return 0
      }
      known.used++
      return known.used > limit ? Math.max(1, Math.ceil((known.endsAt - at) / 1000)) : 0
    },
  }
}
