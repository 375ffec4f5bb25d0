import { test } from 'tap'
import { createTestDatabase } from '../database.ts'
import { runMatrix } from './isolation-matrix.ts'
import { inBothModes } from './pool-mode.ts'
import { directoryTables, tenantRows, tenantTables } from './tenant-rows.ts'

inBothModes('every tenant table answers its own tenant and nobody else', async (t, { database, db, a, b }) => {
  const cells = await runMatrix({ owner: database.owner, pool: db.pool, own: a.id, other: b.id })
  for (const { title, failure } of cells) t.equal(failure, undefined, title)
})

test('a tenant table without a row in the matrix is named', async (t) => {
  const { owner } = await createTestDatabase(t)
  await t.resolves(tenantTables(owner))
  t.same(Object.keys(tenantRows).sort(), (await tenantTables(owner)).sort(), 'and no row is for a table that is gone')
  await owner.query('create table novelties (tenant_id uuid)')
  await t.rejects(tenantTables(owner), /novelties/)
})

inBothModes('the directory is read-only to the service', async (t, { database, db, a, b }) => {
  for (const [name, client] of [
    ['nobody', db.directory],
    ['a tenant', db.forTenant(a.id)],
  ] as const) {
    t.equal((await client.host.findMany()).length, name === 'nobody' ? 2 : 1, `${name} reads hosts`)
    await t.rejects(client.$executeRaw`insert into tenants (id, slug) values (gen_random_uuid(), 'new')`, /42501/, `${name} adds no tenant`)
    await t.rejects(client.$executeRaw`update tenants set status = 'suspended' where id = ${b.id}::uuid`, /42501/, `${name} changes no tenant`)
    await t.rejects(client.$executeRaw`delete from hosts`, /42501/, `${name} removes no host`)
    await t.rejects(client.$executeRaw`insert into hosts (tenant_id, host) values (${a.id}::uuid, 'x.test')`, /42501/, `${name} adds no host`)
    await t.rejects(client.$executeRaw`truncate tenants`, /42501/, `${name} empties nothing`)
  }
  for (const table of directoryTables) {
    const { rows } = await database.owner.query(
      `select privilege_type from information_schema.table_privileges where table_name = $1 and grantee in ('tenantry_app', 'PUBLIC')`,
      [table],
    )
    t.same(rows, [{ privilege_type: 'SELECT' }], `${table} is granted for reading alone`)
  }
})
