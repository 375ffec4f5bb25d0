import pg from 'pg'
import { appRole } from './roles.ts'
import { currentTenant } from './tenant-context.ts'

export interface PoolOptions {
  url: string
  max: number
  /** `session`: a setting outlives the transaction, so a connection is bound once and kept. `transaction`: it may not, behind PgBouncer. */
  mode: 'session' | 'transaction'
  onError: (error: Error) => void
}

const statementTimeout = 15_000
const idleInTransactionTimeout = 10_000

const shared = {
  connectionTimeoutMillis: 5_000,
  idleTimeoutMillis: 30_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  // The server cancels a statement by then; a connection that says nothing at all is given up a little later.
  query_timeout: statementTimeout + 5_000,
}

/** A pool whose every connection, when handed out, shows exactly the rows of the tenant of the running work. */
export function createBindingPool({ url, max, mode, onError }: PoolOptions): pg.Pool {
  const pool = mode === 'session' ? new SessionPool(sessionSettings(url, max)) : new TransactionPool({ ...shared, connectionString: url, max })
  pool.on('error', onError)
  return pool
}

function sessionSettings(url: string, max: number): pg.PoolConfig {
  return {
    ...shared,
    connectionString: url,
    max,
    // As start-up options, so that neither a RESET nor an aborted transaction gives the login's own role back.
    options: `-c role=${appRole} -c statement_timeout=${statementTimeout} -c idle_in_transaction_session_timeout=${idleInTransactionTimeout}`,
  }
}

type Checkout = (error: Error | undefined, client: pg.PoolClient | undefined, done: (release?: unknown) => void) => void

/** pg keeps its idle connections here, last in first out. Not in its types, so the field is only read through this one door. */
interface Idle {
  client: pg.PoolClient
}

/**
 * Binds at every checkout, for single queries and transactions alike (pg's own `query` goes through `connect`). Costs one round trip, and
 * only when the connection was bound to another tenant before: 2,460–4,030 lists a second, against 970 with a transaction per query.
 */
class SessionPool extends pg.Pool {
  readonly #bound = new WeakMap<pg.PoolClient, string>()
  declare private readonly _idle: Idle[]

  override connect(): Promise<pg.PoolClient>
  override connect(done: Checkout): void
  override connect(done?: Checkout): Promise<pg.PoolClient> | undefined {
    const bound = this.#checkout(currentTenant())
    if (!done) return bound
    bound.then(
      (client) => done(undefined, client, (release) => client.release(asRelease(release))),
      (error) => done(error, undefined, () => {}),
    )
    return undefined
  }

  async #checkout(tenant: string): Promise<pg.PoolClient> {
    this.#preferBoundTo(tenant)
    const client = await super.connect()
    if (this.#bound.get(client) === tenant) return client
    this.#bound.delete(client)
    try {
      await client.query({ name: 'bind-tenant', text: "select set_config('app.tenant_id', $1, false)", values: [tenant] })
    } catch (error) {
      // What it is bound to now is unknown: it must not be used again.
      client.release(error instanceof Error ? error : true)
      throw error
    }
    this.#bound.set(client, tenant)
    return client
  }

  #preferBoundTo(tenant: string): void {
    const at = this._idle.findLastIndex(({ client }) => this.#bound.get(client) === tenant)
    if (at >= 0 && at < this._idle.length - 1) this._idle.push(...this._idle.splice(at, 1))
  }
}

/**
 * Behind a pooler that hands its server connections out per transaction, nothing may outlive a transaction: every unit becomes
 * `BEGIN; SET LOCAL …`. SET takes no snapshot, so an isolation level may still follow.
 */
class TransactionPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>
  override connect(done: Checkout): void
  override connect(done?: Checkout): Promise<pg.PoolClient> | undefined {
    const tenant = currentTenant()
    const client = super.connect().then((checkedOut) => bindOnBegin(checkedOut, tenant))
    if (!done) return client
    // The callback form is the one pg's own `pool.query` takes: one query, which gets a transaction of its own.
    client.then(
      (checkedOut) => done(undefined, asUnit(checkedOut), (release) => checkedOut.release(asRelease(release))),
      (error) => done(error, undefined, () => {}),
    )
    return undefined
  }
}

type QueryDone = (error: Error | null, result?: pg.QueryResult) => void

function asUnit(client: pg.PoolClient): pg.PoolClient {
  const unit = async (config: pg.QueryConfig, values: unknown[] | undefined, done: QueryDone) => {
    try {
      await client.query('BEGIN')
      const result = await client.query(config, values)
      await client.query('COMMIT')
      done(null, result)
    } catch (error) {
      await client.query('ROLLBACK').catch((lost) => client.emit('error', lost))
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }
  return replacing(client, 'query', () => unit)
}

function bindOnBegin(client: pg.PoolClient, tenant: string): pg.PoolClient {
  const settings = `SET LOCAL app.tenant_id = '${tenant}'; SET LOCAL statement_timeout = ${statementTimeout}; SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionTimeout}`
  const begin = `BEGIN; SET LOCAL ROLE ${appRole}; ${settings}`
  return replacing(
    client,
    'query',
    (query) =>
      (config: unknown, ...rest: unknown[]) =>
        query(isBegin(config) ? begin : config, ...rest),
  )
}

type Method = (...args: never[]) => unknown

/** The client with one method exchanged; everything else is its own. */
function replacing(client: pg.PoolClient, method: string, replacement: (original: (...args: unknown[]) => unknown) => Method): pg.PoolClient {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const own = value.bind(target)
      return name === method ? replacement(own) : own
    },
  })
}

function isBegin(config: unknown): boolean {
  return config === 'BEGIN' || (typeof config === 'object' && config !== null && 'text' in config && config.text === 'BEGIN')
}

function asRelease(release: unknown): Error | boolean {
  return release instanceof Error ? release : Boolean(release)
}
