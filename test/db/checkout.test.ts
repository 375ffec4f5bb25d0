import type pg from 'pg'
import { type Test, test } from 'tap'
import { runAsTenant } from '../../src/db/tenant-context.ts'
import { createTestDatabase } from '../database.ts'
import { inBothModes } from './pool-mode.ts'

const [first, second, third] = ['a', 'b', 'c'].map((letter) => `01890000-0000-7000-8000-00000000000${letter}`) as [string, string, string]

test('a connection is bound once for as long as it serves one tenant', async (t) => {
  const { pool, binds } = await spiedPool(t, 1)
  for (const tenant of [first, first, first, second, second, first]) t.equal(await tenantSeen(pool, tenant), tenant)
  t.same(binds, [first, second, first])
})

test('a checkout prefers the idle connection that is bound to its tenant', async (t) => {
  const { pool, binds } = await spiedPool(t, 3)
  const tenants = [first, second, third]
  const warmUp = await Promise.all(tenants.map((tenant) => runAsTenant(tenant, () => pool.connect())))
  for (const client of warmUp) client.release()
  binds.length = 0
  for (const tenant of [second, first, third, first, second]) await tenantSeen(pool, tenant)
  for (const order of [
    [third, first, second],
    [first, second, third],
    [second, third, first],
  ]) {
    t.same(await Promise.all(order.map((tenant) => tenantSeen(pool, tenant))), order, 'several in one tick')
  }
  t.same(binds, [], 'nothing had to be bound again')
})

test('work without a tenant on a connection that served one is unbound', async (t) => {
  const { pool } = await spiedPool(t, 1)
  t.equal(await tenantSeen(pool, first), first)
  const { rows } = await pool.query(`select current_setting('app.tenant_id', true) as tenant`)
  t.same(rows, [{ tenant: '' }])
})

test('a connection that could not be bound is dropped', async (t) => {
  const { pool, failNext } = await spiedPool(t, 1)
  await tenantSeen(pool, first)
  failNext()
  await t.rejects(tenantSeen(pool, second), /no binding today/)
  t.equal(pool.totalCount, 0)
  t.equal(await tenantSeen(pool, second), second, 'the next one gets a new connection')
})

inBothModes('a connection returned with a transaction open is not handed out again', async (t, { db, a, b }) => {
  const client = await runAsTenant(a.id, () => db.pool.connect())
  await client.query('BEGIN')
  await client.query(`update members set name = 'never committed'`)
  client.release()
  t.equal(db.pool.idleCount, 0)
  const { rows } = await runAsTenant(b.id, () => db.pool.query('select id::text from members'))
  t.same(rows, [{ id: b.id }])
  t.equal(await db.forTenant(a.id).member.count({ where: { name: 'never committed' } }), 0)
})

inBothModes('every statement of a connection runs as the app role and the tenant, in a transaction or not', async (t, { db, a }) => {
  const who = `select current_user::text as role, current_setting('app.tenant_id', true) as tenant, current_setting('statement_timeout') as patience`
  const expected = [{ role: 'tenantry_app', tenant: a.id, patience: '15s' }]
  await runAsTenant(a.id, async () => {
    const client = await db.pool.connect()
    t.same((await client.query(who)).rows, expected, 'before')
    await client.query('begin isolation level serializable')
    t.same((await client.query(who)).rows, expected, 'within')
    await client.query('savepoint here')
    await t.rejects(client.query('select 1 / 0'), { code: '22012' })
    await client.query('ROLLBACK TO SAVEPOINT here')
    t.same((await client.query(who)).rows, expected, 'after a savepoint')
    t.match((await client.query('show transaction_isolation')).rows, [{ transaction_isolation: 'serializable' }])
    await client.query('COMMIT')
    const together = await Promise.all([client.query(who), client.query(who)])
    t.same(
      together.map(({ rows }) => rows),
      [expected, expected],
      'after, and two at once',
    )
    await t.rejects(client.query('select 1 / 0'), { code: '22012' })
    t.same((await client.query(who)).rows, expected, 'after a failure')
    client.release()
  })
  t.equal(db.pool.idleCount, 1, 'the connection is kept')
})

/** A pool in session mode that tells which tenants it bound connections to. */
async function spiedPool(t: Test, max: number): Promise<{ pool: pg.Pool; binds: string[]; failNext: () => void }> {
  const { open } = await createTestDatabase(t)
  const { pool } = open({ max })
  const binds: string[] = []
  let failing = false
  pool.on('connect', (client) => {
    const { query } = client
    Reflect.set(client, 'query', (...args: unknown[]) => {
      const [config] = args
      if (typeof config === 'object' && config !== null && 'name' in config && config.name === 'bind-tenant' && 'values' in config) {
        if (failing) {
          failing = false
          return Promise.reject(new Error('no binding today'))
        }
        binds.push(String(config.values))
      }
      return Reflect.apply(query, client, args)
    })
  })
  return {
    pool,
    binds,
    failNext: () => {
      failing = true
    },
  }
}

async function tenantSeen(pool: pg.Pool, tenant: string): Promise<string> {
  const { rows } = await runAsTenant(tenant, () => pool.query<{ tenant: string }>(`select current_setting('app.tenant_id', true) as tenant`))
  return rows[0]?.tenant ?? ''
}

test('a transaction waits for its connection as long as a statement does, and may last as long', async (t) => {
  const data = await createTestDatabase(t)
  const { id } = await data.addTenant({ slug: 'a' })
  const db = data.open({ max: 1 }).forTenant(id)
  const slow = (seconds: number) => db.$transaction((tx) => tx.$queryRaw`select pg_sleep(${seconds})::text as slept`)
  await t.resolves(Promise.all([slow(2.5), slow(0)]), 'more than the two seconds that Prisma has for it')
  await t.resolves(slow(5.5), 'and more than its five')
})
