import { LRUCache } from 'lru-cache'
import { atMost } from '../../at-most.ts'
import type { Counter, Delays, Failure, LimitStore, Window } from './store.ts'

interface Uses {
  used: number
  endsAt: number
}

interface Failures {
  failures: number
  until: number
  last: number
  /** The same for all failures in a row. */
  series: object
}

const keptKeys = 100_000

/** In this process's memory. Bounded for each name, so that a flood of one kind pushes out no other: the keys used longest ago go first. */
export function createMemoryStore(now: () => number = Date.now): LimitStore {
  const windows = createShelf<Uses>()
  const known = createShelf<Failures>()
  return {
    take: async (counter, window) => take(windows(counter.name), counter, { ...window, at: now() }),
    fail: async (counter, delays) => fail(known(counter.name), counter, { ...delays, at: now() }),
    wait: async ({ name, key }) => Math.max(0, (known(name).get(key)?.until ?? 0) - now()),
    clear: async ({ name, key }) => void known(name).delete(key),
  }
}

type Shelf<T extends object> = LRUCache<string, T>

function createShelf<T extends object>(): (name: string) => Shelf<T> {
  const shelves = new Map<string, Shelf<T>>()
  return (name) => {
    const shelf = shelves.get(name) ?? new LRUCache<string, T>(atMost(keptKeys))
    shelves.set(name, shelf)
    return shelf
  }
}

function take(windows: Shelf<Uses>, { key }: Counter, { limit, windowMs, at }: Window & { at: number }): number {
  const known = windows.get(key)
  if (!known || known.endsAt <= at) {
    windows.set(key, { used: 1, endsAt: at + windowMs })
    return 0
  }
  known.used++
  return known.used > limit ? known.endsAt - at : 0
}

function fail(known: Shelf<Failures>, { key }: Counter, { delays, forgetMs, at }: Delays & { at: number }): Failure {
  const before = known.get(key)
  if (before && before.until > at) return { wait: before.until - at, failures: 0, takeBack: async () => {} }
  const goesOn = before && at - Math.max(before.last, before.until) < forgetMs
  const failures = goesOn ? before.failures + 1 : 1
  const counted = { failures, last: at, until: at + (delays[Math.min(failures, delays.length) - 1] ?? 0), series: goesOn ? before.series : {} }
  known.set(key, counted)
  return {
    wait: 0,
    failures,
    async takeBack() {
      const current = known.get(key)
      if (current?.series !== counted.series) return
      // Where others failed since, their delay stands.
      known.set(key, { ...current, failures: current.failures - 1, until: current === counted ? (before?.until ?? 0) : current.until })
    },
  }
}
