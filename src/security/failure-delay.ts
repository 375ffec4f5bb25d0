import { LRUCache } from 'lru-cache'

export interface FailureDelay {
  /** Whole seconds that `key` has still to wait; 0 when it may try. */
  wait(key: string): number
  /** Counts a failure; what it answers takes this one back. */
  fail(key: string): () => void
  clear(key: string): void
}

const keptKeys = 100_000
const forgetAfter = 15 * 60_000

/**
 * Seconds to wait after so many failures (DEFAULTS): five in five minutes, then a delay that grows, a soft lock of 15 minutes at ten,
 * never permanent. Growth starts at five minutes, so that no span of five minutes ever holds a sixth failure.
 */
export function delayAfter(failures: number): number {
  return failures < 5 ? 0 : Math.min(900, 300 + 120 * (failures - 5))
}

/** In this process's memory. Knows nothing of accounts: a name that nobody has is counted like any other. */
export function createFailureDelay(now: () => number = Date.now): FailureDelay {
  const known = new LRUCache<string, { failures: number; until: number; last: number }>({ max: keptKeys })
  return {
    wait(key) {
      return Math.max(0, Math.ceil(((known.get(key)?.until ?? 0) - now()) / 1000))
    },
    fail(key) {
      const at = now()
      const before = known.get(key)
      const failures = before && at - Math.max(before.last, before.until) < forgetAfter ? before.failures + 1 : 1
      const counted = { failures, last: at, until: at + delayAfter(failures) * 1000 }
      known.set(key, counted)
      return () => {
        const current = known.get(key)
        // Where others failed since, their delay stands.
        if (current) known.set(key, { ...current, failures: current.failures - 1, until: current === counted ? (before?.until ?? 0) : current.until })
      }
    },
    clear: (key) => void known.delete(key),
  }
}
