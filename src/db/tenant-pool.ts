import pg from 'pg'
import { currentTenant } from './tenant-context.ts'

type Checkout = (error: Error | undefined, client: pg.PoolClient | undefined, done: (release?: unknown) => void) => void

/** Binds at every checkout, for single queries and transactions alike: pg's own `query` goes through `connect`. */
export abstract class TenantPool extends pg.Pool {
  constructor(config: pg.PoolConfig) {
    super(config)
    // pg's own listener is off before that of whoever asked is on: a connection cut just then would be an unhandled event and end the
    // process. The statement under way, or the next one, fails all the same.
    this.on('connect', (client) => client.on('error', () => {}))
  }

  /** Answers the client to hand out. What it throws costs the connection: what that is bound to now is unknown. */
  protected abstract bind(client: pg.PoolClient, tenant: string): Promise<pg.PoolClient>

  /** Called right before an idle connection is picked. */
  protected prefer(_tenant: string): void {}

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

  /** A connection as it is: what it is bound to is for the caller to see to. */
  protected async take(tenant: string): Promise<pg.PoolClient> {
    // pg picks in the next tick too, so each of several checkouts in this one still gets what it prefers.
    process.nextTick(() => this.prefer(tenant))
    const client = await super.connect()
    dropUnlessIdle(client)
    return client
  }

  async #checkout(tenant: string): Promise<pg.PoolClient> {
    const client = await this.take(tenant)
    try {
      return await this.bind(client, tenant)
    } catch (error) {
      client.release(asRelease(error ?? true))
      throw error
    }
  }
}

/**
 * A connection returned with a transaction open would carry it over to the next tenant, and roll that one's binding back with it: Prisma
 * releases without a word when its own ROLLBACK has timed out.
 */
function dropUnlessIdle(client: pg.PoolClient): void {
  const { release } = client
  client.release = (broken) => release(broken || client.getTransactionStatus() !== 'I')
}

function asRelease(release: unknown): Error | boolean {
  return release instanceof Error ? release : Boolean(release)
}
