import { createMemoryStore } from './limits/memory-store.ts'
import type { LimitStore } from './limits/store.ts'

export interface FailureDelay {
  /**
   * Counts a failure, before it is known to be one: guesses at the same time must count like guesses in turn. Where `wait` is above 0, so many whole
   * seconds are to be waited first, and nothing was counted.
   */
  fail(key: string): Promise<CountedFailure>
  /** Whole seconds that `key` has still to wait; 0 when it may try. */
  wait(key: string): Promise<number>
  /** After a success, or a proof by mail. */
  clear(key: string): Promise<void>
}

export interface CountedFailure {
  wait: number
  /** Whether this very failure, if it is one, brings the soft lock. True for one of any number at once, and once for each run of failures. */
  beginsLock: boolean
  /** For an attempt that came to no decision. */
  takeBack(): Promise<void>
}

const lockAt = 10
const forgetMs = 15 * 60_000

/**
 * Seconds to wait after so many failures (DEFAULTS): five in five minutes, then a delay that grows, a soft lock of 15 minutes at ten,
 * never permanent. Growth starts at five minutes, so that no span of five minutes ever holds a sixth failure.
 */
export function delayAfter(failures: number): number {
  return failures < 5 ? 0 : Math.min(900, 300 + 120 * (failures - 5))
}

const delays = Array.from({ length: lockAt }, (_, before) => delayAfter(before + 1) * 1000)

export interface FailureDelayOptions {
  /** Where it counts, and under which name. Default: in memory of its own, by the clock `now`. */
  store?: LimitStore
  name?: string
}

/** Knows nothing of accounts: a name that nobody has is counted like any other. */
export function createFailureDelay(
  now: () => number = Date.now,
  { store = createMemoryStore(now), name = 'failures' }: FailureDelayOptions = {},
): FailureDelay {
  return {
    async fail(key) {
      const { wait, failures, takeBack } = await store.fail({ name, key }, { delays, forgetMs })
      return { wait: Math.ceil(wait / 1000), beginsLock: failures === lockAt, takeBack }
    },
    wait: async (key) => Math.ceil((await store.wait({ name, key })) / 1000),
    clear: (key) => store.clear({ name, key }),
  }
}
