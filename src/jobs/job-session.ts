import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { jobsRole } from '../db/roles.ts'
import { workerName } from './worker-presence.ts'

/**
 * A database session that lives as long as its process, and holds advisory locks under names: when a process is killed its locks are free that very
 * moment, so no lease has to run out before somebody else takes over.
 */
export interface JobSession {
  /** Takes the lock, unless anybody has it, this process among them. */
  tryLock(name: string): Promise<boolean>
  unlock(name: string): Promise<void>
  /** Takes the lock now, and again whenever the session had to be opened anew. */
  keepLock(name: string): Promise<void>
  dropLock(name: string): Promise<void>
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

const key = 'hashtextextended($1, 7236411)'

/**
 * `onLost` hears of a session that broke: from then on another process may hold what it held, but nobody of this one before it is unlocked. A new session is
 * opened at the next use.
 */
export function createJobSession(databaseUrl: string, onLost: (error: unknown) => void): JobSession {
  const held = new Set<string>()
  const kept = new Set<string>()
  let opening: Promise<pg.Client> | undefined
  let closed = false

  const open = () => {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: workerName,
      connectionTimeoutMillis: 10_000,
      // A connection that was cut without a word must not keep every site waiting, nor the server its locks.
      query_timeout: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      options: `-c role=${jobsRole} -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3`,
    })
    // A connection tells of its end more than once, and may do so when there is another one already.
    const forget = () => {
      if (opening === opened) opening = undefined
    }
    const lose = (error: unknown) => {
      if (opening !== opened || closed) return
      forget()
      onLost(error)
    }
    client.on('error', lose)
    client.on('end', () => lose(new Error('the session of the job worker ended')))
    const connect = async () => {
      try {
        await client.connect()
        for (const name of kept) await client.query(`select pg_advisory_lock(${key})`, [name])
        return client
      } catch (error) {
        forget()
        await client.end().catch(() => {})
        throw error
      }
    }
    const opened = connect()
    return opened
  }
  const session = () => {
    if (closed) throw new Error('the session of the job worker is closed')
    opening ??= open()
    return opening
  }
  let last: Promise<unknown> = Promise.resolve()
  // One after the other: a connection has one conversation at a time.
  const ask = (text: string, values: unknown[] = []) => {
    const asked = last.then(async () => rowsOf(await session(), text, values))
    last = asked.catch(() => {})
    return asked
  }

  return {
    async tryLock(name) {
      if (held.has(name) || kept.has(name)) return false
      held.add(name)
      const [row] = await ask(`select pg_try_advisory_lock(${key}) as taken`, [name]).catch((error) => {
        held.delete(name)
        throw error
      })
      if (row?.taken === true) return true
      held.delete(name)
      return false
    },
    async unlock(name) {
      if (!held.delete(name)) return
      await ask(`select pg_advisory_unlock(${key})`, [name])
    },
    async keepLock(name) {
      kept.add(name)
      await ask(`select pg_advisory_lock(${key})`, [name])
    },
    async dropLock(name) {
      if (kept.delete(name) && !closed) await ask(`select pg_advisory_unlock(${key})`, [name])
    },
    query: ask,
    async close() {
      closed = true
      // Whoever opens it just now is let finish: a client that ends half-way never settles.
      const client = await Promise.race([opening, delay(2_000, undefined, { ref: false })])?.catch(() => undefined)
      opening = undefined
      await client?.end().catch(() => {})
    },
  }
}

async function rowsOf(client: pg.Client, text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows
  } catch (error) {
    // It may be done all the same, and a lock be held that nobody knows of: not by a session that has ended.
    if (error instanceof Error && error.message === 'Query read timeout') await client.end().catch(() => {})
    throw error
  }
}
