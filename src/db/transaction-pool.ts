import type pg from 'pg'
import { idleInTransactionTimeout, statementTimeout } from './limits.ts'
import { appRole } from './roles.ts'
import { TenantPool } from './tenant-pool.ts'

type Query = (config: unknown, values?: unknown) => Promise<pg.QueryResult>
type Done = (error: Error | null, result?: pg.QueryResult) => void

const opens = /^\s*(begin|start\s+transaction)\b[^;]*$/i
const closes = /^\s*(commit|end|rollback|abort)\b(?!.*\bto\b)/i

/**
 * Behind a pooler that hands its server connections out per transaction, nothing may outlive a transaction: every unit becomes
 * `BEGIN; SET LOCAL …`, and no statement ever runs outside one. SET takes no snapshot, so an isolation level may still follow.
 */
export class TransactionPool extends TenantPool {
  protected override async bind(client: pg.PoolClient, tenant: string): Promise<pg.PoolClient> {
    const settings = [
      `SET LOCAL ROLE ${appRole}`,
      `SET LOCAL app.tenant_id = ${client.escapeLiteral(tenant)}`,
      `SET LOCAL statement_timeout = ${statementTimeout}`,
      `SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionTimeout}`,
    ].join('; ')
    const query = inBoundTransactions(client, settings)
    return new Proxy(client, {
      get(target, name) {
        if (name === 'query') return query
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
}

function inBoundTransactions(client: pg.PoolClient, settings: string) {
  const send: Query = (config, values) => Reflect.apply(client.query, client, [config, values])
  let open = false
  let last: Promise<unknown> = Promise.resolve()

  const run: Query = async (config, values) => {
    const text = textOf(config)
    if (opens.test(text)) {
      const begun = await send(`${text}; ${settings}`)
      open = true
      return begun
    }
    if (!open) return unit(config, values)
    if (closes.test(text)) open = false
    return send(config, values)
  }

  const unit: Query = async (config, values) => {
    try {
      await send(`BEGIN; ${settings}`)
      const result = await send(config, values)
      await send('COMMIT')
      return result
    } catch (error) {
      // The connection that cannot even roll back is dropped on release, and the first error says more than the second.
      await send('ROLLBACK').catch(() => {})
      throw error
    }
  }

  return (config: unknown, ...rest: unknown[]): Promise<pg.QueryResult> | undefined => {
    // One after the other: of two units sent at once the second would find the first one's transaction closed.
    const result = last.then(() => run(config, typeof rest[0] === 'function' ? undefined : rest[0]))
    last = result.catch(() => {})
    const done = rest.find(isDone)
    if (!done) return result
    result.then(
      (answer) => done(null, answer),
      (error) => done(error),
    )
    return undefined
  }
}

function textOf(config: unknown): string {
  if (typeof config === 'string') return config
  return typeof config === 'object' && config !== null && 'text' in config ? String(config.text) : ''
}

function isDone(value: unknown): value is Done {
  return typeof value === 'function'
}
