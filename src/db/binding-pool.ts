import type pg from 'pg'
import { connectionTimeout, idleInTransactionTimeout, statementTimeout } from './limits.ts'
import { appRole } from './roles.ts'
import { SessionPool } from './session-pool.ts'
import { TransactionPool } from './transaction-pool.ts'

export interface PoolOptions {
  url: string
  max: number
  /** `session`: a setting outlives the transaction, so a connection is bound once and kept. `transaction`: it may not, behind PgBouncer. */
  mode: 'session' | 'transaction'
  /** For `session`. Default: the service's own, which can only read the directory. */
  role?: string
  onError: (error: Error) => void
}

/** A pool whose every connection, when handed out, shows exactly the rows of the tenant of the running work. */
export function createBindingPool({ url, max, mode, role = appRole, onError }: PoolOptions): pg.Pool {
  const settings: pg.PoolConfig = {
    connectionString: url,
    max,
    connectionTimeoutMillis: connectionTimeout,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // The server cancels a statement by then; a connection that says nothing at all is given up a little later.
    query_timeout: statementTimeout + 5_000,
  }
  const pool = mode === 'session' ? new SessionPool({ ...settings, options: startupOptions(role) }) : new TransactionPool(settings)
  pool.on('error', onError)
  return pool
}

/** As start-up options, so that neither a RESET nor an aborted transaction gives the login's own role back. */
function startupOptions(role: string): string {
  return [`-c role=${role}`, `-c statement_timeout=${statementTimeout}`, `-c idle_in_transaction_session_timeout=${idleInTransactionTimeout}`].join(
    ' ',
  )
}
