import { setTimeout as delay } from 'node:timers/promises'
import { problem } from '../errors.ts'
import type { Database } from './client.ts'
import { proveWalls, WallError } from './prove-walls.ts'
import { databaseProblem } from './sql-error.ts'

export interface Readiness {
  /** Whether the walls are proven. Until then no tenant is served; from then on all are, also while the service stops. */
  readonly open: boolean
  /** Throws 503 where no visitors are to be sent here; asks the database at most once a second. */
  check(): Promise<void>
  /** Resolves when the walls are proven. Waits for a database that is not there yet; throws WallError for one that must not be served from. */
  prove(): Promise<void>
  /** Not ready any more, for good. */
  stop(): void
}

const pause = 1_000

export function createReadiness({ directory }: Database, onWaiting: (error: unknown) => void): Readiness {
  const stopping = new AbortController()
  let proven = false
  let asked: { at: number; answer: Promise<unknown> } | undefined
  return {
    get open() {
      return proven
    },
    async check() {
      if (!proven || stopping.signal.aborted) throw problem('NOT_READY', { retryAfter: 2 })
      if (!asked || Date.now() - asked.at > pause) asked = { at: Date.now(), answer: directory.$queryRaw`select 1` }
      await asked.answer
    },
    async prove() {
      while (!proven && !stopping.signal.aborted) {
        try {
          await proveWalls(directory)
          proven = true
        } catch (error) {
          if (error instanceof WallError || !databaseProblem(error)) throw error
          onWaiting(error)
          await delay(pause, undefined, { signal: stopping.signal }).catch(() => {})
        }
      }
    },
    stop: () => stopping.abort(),
  }
}
