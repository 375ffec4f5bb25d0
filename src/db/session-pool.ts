import pg from 'pg'
import { currentTenant } from './tenant-context.ts'
import { TenantPool } from './tenant-pool.ts'

/** pg keeps its idle connections here, last in first out. Not in its types, so the field is only read through this one door. */
interface Idle {
  client: pg.PoolClient
}

/** As Prisma sends every statement that is not part of a transaction. */
interface Named extends pg.QueryConfig {
  name: string
}

/**
 * Binds a connection for as long as it serves the same tenant. A single statement brings its binding along in the same round trip; a
 * transaction costs one more, and only when the connection was bound to another tenant before. A transaction per query made 970 lists a
 * second, binding ahead of each query 2,460.
 */
export class SessionPool extends TenantPool {
  readonly #bound = new WeakMap<pg.PoolClient, string>()
  declare private readonly _idle: Idle[]

  constructor(config: pg.PoolConfig) {
    super(config)
    const query = this.query.bind(this)
    // An override would have to repeat pg's eight signatures.
    this.query = (config: unknown, ...rest: unknown[]) =>
      rest.length === 0 && isNamed(config) ? this.#queryBound(config, currentTenant()) : Reflect.apply(query, this, [config, ...rest])
  }

  protected override async bind(client: pg.PoolClient, tenant: string): Promise<pg.PoolClient> {
    if (this.#bound.get(client) === tenant) return client
    this.#bound.delete(client)
    await client.query({ name: 'bind-tenant', text: "select set_config('app.tenant_id', $1, false)", values: [tenant] })
    this.#bound.set(client, tenant)
    return client
  }

  protected override prefer(tenant: string): void {
    const at = this._idle.findLastIndex(({ client }) => this.#bound.get(client) === tenant)
    if (at >= 0 && at < this._idle.length - 1) this._idle.push(...this._idle.splice(at, 1))
  }

  async #queryBound(config: Named, tenant: string): Promise<pg.QueryResult> {
    const client = await this.take(tenant)
    try {
      const result = this.#bound.get(client) === tenant ? await client.query(config) : await this.#bindAndQuery(client, config, tenant)
      client.release()
      return result
    } catch (error) {
      client.release(error instanceof Error ? error : true)
      throw error
    }
  }

  async #bindAndQuery(client: pg.PoolClient, config: Named, tenant: string): Promise<pg.QueryResult> {
    this.#bound.delete(client)
    const result = await sendTogether(client, `set app.tenant_id = ${client.escapeLiteral(tenant)}`, config)
    this.#bound.set(client, tenant)
    return result
  }
}

/**
 * Two statements before one Sync: PostgreSQL answers both in one go, and when the first fails it skips the second. When the second fails it
 * takes the first back too, so a connection that has failed may not be used again.
 */
function sendTogether(client: pg.PoolClient, first: string, second: Named): Promise<pg.QueryResult> {
  return new Promise((done, failed) => {
    const query = new pg.Query(second, (error, results) => {
      // pg answers several statements with an array.
      const result: unknown = Array.isArray(results) ? results[1] : undefined
      if (error) failed(error)
      else if (result instanceof pg.Result) done(result)
      else failed(new TypeError('pg answers no longer statement by statement'))
    })
    const submit = query.submit.bind(query)
    query.submit = (connection) => {
      connection.stream.cork()
      connection.parse({ name: '', text: first, types: [] }, true)
      connection.bind({}, true)
      connection.execute(null, true)
      const refused = submit(connection)
      connection.stream.uncork()
      return refused
    }
    client.query(query)
  })
}

function isNamed(config: unknown): config is Named {
  return typeof config === 'object' && config !== null && 'name' in config && typeof config.name === 'string' && config.name !== ''
}
