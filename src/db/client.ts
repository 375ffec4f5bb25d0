import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { LRUCache } from 'lru-cache'
import type pg from 'pg'
import { atMost } from '../at-most.ts'
import { bindRequests } from './bind-requests.ts'
import { createBindingPool, type PoolOptions } from './binding-pool.ts'
import { type DataModel, readDataModel } from './data-model.ts'
import { PrismaClient } from './generated/client.ts'
import { connectionTimeout, statementTimeout } from './limits.ts'
import { scopeArgs } from './scope-args.ts'
import { requireTenantId, runAsTenant } from './tenant-context.ts'

/** A client that sees and writes one tenant's rows and nothing else. */
export type TenantDb = ReturnType<typeof bindTo>

export interface Database {
  /** Bound to no tenant: it reads the directory, and of every tenant table zero rows. */
  directory: PrismaClient
  forTenant(tenantId: string): TenantDb
  pool: pg.Pool
  close(): Promise<void>
}

const keptClients = 5_000
const keptStatements = 500
/** A transaction waits for its connection, and lasts, as long as a statement does: Prisma's own limits are shorter. */
const transactionOptions = { maxWait: connectionTimeout, timeout: statementTimeout }

/** Opens the pool and the clients over it. Nothing connects before the first query. */
export function openDatabase(options: PoolOptions): Database {
  const pool = createBindingPool(options)
  // A named statement belongs to one server connection, which a transaction-mode pooler exchanges underneath.
  const adapter = new PrismaPg(pool, options.mode === 'session' ? { statementNameGenerator: statementName() } : {})
  const directory = new PrismaClient({ adapter, errorFormat: 'minimal', transactionOptions })
  bindRequests(directory)
  const models = readDataModel(directory)
  const bound = new LRUCache<string, TenantDb>(atMost(keptClients))
  return {
    directory,
    pool,
    forTenant(tenantId) {
      const known = bound.get(tenantId)
      if (known) return known
      const client = bindTo(directory, models, requireTenantId(tenantId))
      bound.set(tenantId, client)
      return client
    },
    async close() {
      await directory.$disconnect()
      await pool.end()
    },
  }
}

function bindTo(client: PrismaClient, models: DataModel, tenantId: string) {
  const scope = { models, tenantId }
  const scoped = client.$extends({
    query: {
      $allOperations({ model, operation, args, query }) {
        const narrowed = model ? scopeArgs(scope, { model, operation, args: args ?? {} }) : args
        return runAsTenant(tenantId, async () => await query(narrowed))
      },
    },
  })
  // An interactive transaction takes its connection when it begins, so that has to happen in the tenant's context too.
  const $transaction = new Proxy(scoped.$transaction, {
    apply: (target, _self, [work, ...options]) => {
      const outside = AsyncLocalStorage.snapshot()
      // What the callback does beside `tx` is not the tenant's: the directory stays bound to nobody.
      const own = typeof work === 'function' ? (tx: unknown) => outside(work, tx) : work
      return runAsTenant(tenantId, async () => await Reflect.apply(target, scoped, [own, ...options]))
    },
  })
  return scoped.$extends({ client: { $transaction } })
}

/** One name per statement text: PostgreSQL then plans it once per connection. The texts are as many as the shapes of our queries. */
export function statementName(): (query: { sql: string }) => string {
  const names = new LRUCache<string, string>({ max: keptStatements })
  return ({ sql }) => {
    const known = names.get(sql)
    if (known) return known
    const name = createHash('sha256').update(sql).digest('base64url').slice(0, 22)
    names.set(sql, name)
    return name
  }
}
