import pg from 'pg'
import { jobsRole } from './roles.ts'
import { databaseProblem } from './sql-error.ts'

/** Connections as the role that owns the job queue. The URL has to lead past any transaction-mode pooler: the worker listens. */
export function createJobsPool(databaseUrl: string, { max, onError }: { max: number; onError: (error: unknown) => void }): pg.Pool {
  const pool = new JobsPool({ connectionString: databaseUrl, max, connectionTimeoutMillis: 10_000, keepAlive: true, options: `-c role=${jobsRole}` })
  // A connection that is cut is no event: what it was doing fails, and the next one is new.
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/**
 * graphile-worker tries again what failed with some codes of the operating system, and otherwise, where it could not write a job off because the
 * database was away, leaves a promise that nobody catches, which ends the process (0.18). So every failure of that kind bears such a code.
 */
class JobsPool extends pg.Pool {
  readonly #known = new WeakSet<pg.PoolClient>()

  override connect(): Promise<pg.PoolClient>
  override connect(done: Parameters<pg.Pool['connect']>[0]): void
  override connect(done?: Parameters<pg.Pool['connect']>[0]): Promise<pg.PoolClient> | undefined {
    if (done) {
      // pg's own `query` comes by here.
      super.connect(done)
      return undefined
    }
    // A job that was still to be written off is given back by the next worker: nothing is gained by telling a promise that nobody catches.
    if (this.ending) return new Promise(() => {})
    return super.connect().then(
      (client) => this.#patient(client),
      (error) => this.#again(error),
    )
  }

  #patient(client: pg.PoolClient): pg.PoolClient {
    if (this.#known.has(client)) return client
    this.#known.add(client)
    const query = client.query.bind(client)
    Reflect.set(client, 'query', (...args: unknown[]) => {
      const result: unknown = Reflect.apply(query, client, args)
      return result instanceof Promise ? result.catch((error) => this.#again(error)) : result
    })
    return client
  }

  #again(error: unknown): never {
    if (!this.ending && error instanceof Error && databaseProblem(error)) throw Object.assign(error, { code: 'ETIMEDOUT' })
    throw error
  }
}
