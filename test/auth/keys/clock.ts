import type { Test } from 'tap'

const { now: real } = Date

/** Runs `work` while this process, though not the database, takes it for `now`: a moment that goes on from there, or each reading as told. */
export async function withClock<T>(t: Test, now: number | (() => number), work: () => Promise<T>): Promise<T> {
  const began = real()
  Date.now = typeof now === 'function' ? now : () => now + real() - began
  const restore = () => {
    Date.now = real
  }
  t.teardown(restore)
  try {
    return await work()
  } finally {
    restore()
  }
}
