import { problem } from '../errors.ts'

export interface QueueLimits {
  /** Pieces of work done at once. */
  concurrency: number
  /** Callers that may wait. One more is answered 503 OVERLOADED. */
  queue: number
}

/** Lets so much dear work be done at once, and the rest wait in turn, up to a bound. */
export function createBoundedQueue({ concurrency, queue }: QueueLimits): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < concurrency) running++
    else {
      if (waiting.length >= queue) throw problem('OVERLOADED', { retryAfter: 1 })
      // A slot is handed over, so `running` stays as it is.
      await new Promise<void>((turn) => waiting.push(turn))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
