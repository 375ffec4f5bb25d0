import pg from 'pg'
import { jobsRole } from './roles.ts'

/** Connections as the role that owns the job queue. The URL has to lead past any transaction-mode pooler: the worker listens. */
export function createJobsPool(databaseUrl: string, { max, onError }: { max: number; onError: (error: unknown) => void }): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max, connectionTimeoutMillis: 10_000, keepAlive: true, options: `-c role=${jobsRole}` })
  // A connection that is cut is no event: what it was doing fails, and the next one is new.
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}
