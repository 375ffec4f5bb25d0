import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { readPage } from '../../src/content/list-entries.ts'
import { openDatabase, statementName, type TenantDb } from '../../src/db/client.ts'
import { PrismaClient } from '../../src/db/generated/client.ts'
import { answerParent, repeat } from './answer-parent.ts'

const url = process.env.DATABASE_URL ?? ''
const tenantIds: string[] = JSON.parse(process.env.BENCH_TENANTS ?? '[]')
const way = process.env.BENCH_WAY ?? ''
const [max, callers, limit, collection] = [10, 32, 20, 'posts']

/** The same page of 20 entries, of each tenant in turn, by three ways. */
const ways: Record<string, () => (tenantId: string) => Promise<unknown>> = {
  isolated() {
    const database = openDatabase({ url, mode: 'session', max, onError: console.error })
    return (tenantId) => readPage(database.forTenant(tenantId), { tenantId, collection, limit, after: undefined })
  },

  /** Superuser, plain pool, plain client: the filter by tenant is there because the caller wrote it into each query. */
  prisma() {
    const adapter = new PrismaPg(new pg.Pool({ connectionString: url, max }), { statementNameGenerator: statementName() })
    const client = new PrismaClient({ adapter, errorFormat: 'minimal' })
    const of = (tenantId: string) =>
      ({
        collection: { findFirst: (args: Parameters<typeof client.collection.findFirst>[0]) => client.collection.findFirst(by(tenantId, args)) },
        entry: { findMany: (args: Parameters<typeof client.entry.findMany>[0]) => client.entry.findMany(by(tenantId, args)) },
      }) as unknown as TenantDb
    return (tenantId) => readPage(of(tenantId), { tenantId, collection, limit, after: undefined })
  },

  /** The same two statements by hand, prepared. */
  pg() {
    const pool = new pg.Pool({ connectionString: url, max })
    const entries = `select id, slug, data, published_at, updated_at from entries
      where tenant_id = $1 and collection_id = $2 and status = 'published' order by published_at desc, id desc limit $3`
    return async (tenantId) => {
      const text = `select id from collections where tenant_id = $1 and slug = $2 and audience = 'public' limit 1`
      const found = await pool.query({ name: 'collection', text, values: [tenantId, collection] })
      const { rows } = await pool.query({ name: 'entries', text: entries, values: [tenantId, found.rows[0].id, limit + 1] })
      return rows
    }
  },
}

const list = ways[way]?.()
if (!list) throw new TypeError(`there is no way called ${way}`)
let turn = 0

answerParent({
  run: (seconds) => repeat(() => list(tenantIds[turn++ % tenantIds.length] ?? ''), callers, Number(seconds)),
})

function by<Args extends { where?: object } | undefined>(tenantId: string, args: Args) {
  return { ...args, where: { ...args?.where, tenantId } } as Args
}
