import type pg from 'pg'
import { type Test, test } from 'tap'
import { runAsTenant } from '../../src/db/tenant-context.ts'
import { newId } from '../../src/security/random-token.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { startPgBouncer } from '../pgbouncer.ts'
import { soak } from './soak.ts'

const tenantCount = 60
const connections = 5

for (const mode of ['session', 'transaction'] as const) {
  test(`sixty tenants on five connections never meet, whatever goes wrong (${mode} mode)`, async (t) => {
    const database = await createTestDatabase(t)
    const url = mode === 'session' ? database.url : await startPgBouncer(t, database.url)
    if (!url) return
    const tenants = await manyTenants(database)
    await database.owner.query(`set application_name = 'owner'`)
    const db = database.open({ url, mode, max: connections })
    const seed = Date.now() % 1_000_000
    const result = await soak({ db, owner: database.owner, tenants, callers: 24, operations: 2_000, random: seeded(seed) })
    t.comment(`seed ${seed}, ${result.read} rows, ${JSON.stringify(result.failures)}`)

    t.same(result.mismatches, [])
    t.ok(result.read > 1_500, 'rows were read')
    for (const provoked of [/aborted on purpose/, /division by zero/, /statement timeout/, /expired transaction/]) {
      t.ok(
        Object.keys(result.failures).some((name) => provoked.test(name)),
        `${provoked.source} took place`,
      )
    }
    const { rows } = await database.owner.query(
      `select count(*)::int as spoilt from members where name = 'must be rolled back' or (name <> id::text)`,
    )
    t.same(rows, [{ spoilt: 0 }], 'nothing that was aborted stayed')
    await poolIsWhole(t, db.pool, tenants)
  })
}

/** Every connection can be had at once, none is left in a transaction, and each shows its tenant. */
async function poolIsWhole(t: Test, pool: pg.Pool, tenants: readonly string[]): Promise<void> {
  t.same([pool.waitingCount, pool.totalCount - pool.idleCount], [0, 0], 'no connection is out')
  const clients = await Promise.all(tenants.slice(0, connections).map((tenant) => runAsTenant(tenant, () => pool.connect())))
  t.equal(pool.totalCount, connections, 'all can be had at once')
  for (const [at, client] of clients.entries()) {
    t.equal(client.getTransactionStatus(), 'I')
    t.same((await client.query('select id::text from members')).rows, [{ id: tenants[at] }])
    client.release()
  }
}

async function manyTenants({ owner }: TestDatabase): Promise<string[]> {
  const ids = Array.from({ length: tenantCount }, () => newId())
  await owner.query(`insert into tenants (id, slug) select id, 't-' || id from unnest($1::uuid[]) id`, [ids])
  await owner.query(
    `insert into members (tenant_id, id, email, email_key, name) select id, id, 'a@b.test', 'a@b.test', id from unnest($1::uuid[]) id`,
    [ids],
  )
  return ids
}

/** mulberry32: the same order of operations again, for whoever looks into a failure. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
