import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Test, test } from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { migrate, migrationNames } from '../../src/db/migrate.ts'
import { proveWalls } from '../../src/db/prove-walls.ts'
import { withSchemaEngine } from '../../src/db/schema-engine.ts'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { createEmptyDatabase, createTestDatabase } from '../database.ts'

const schemaFolder = 'prisma/schema'

test('the migrations make the tables that schema.prisma describes', async (t) => {
  const { url, owner } = await createTestDatabase(t)
  t.equal(await difference(url), '', 'run "prisma migrate diff" and add a migration')
  await owner.query('alter table members add column nickname text')
  t.match(await difference(url), /nickname/, 'a column more is noticed')
})

test('a run applies every migration once, also when four begin together', async (t) => {
  const { url, client } = await createEmptyDatabase(t)
  const runs = await Promise.all(Array.from({ length: 4 }, () => migrate(url)))
  t.same(runs.flat().sort(), await migrationNames())
  const { rows } = await client.query('select migration_name from _prisma_migrations order by 1')
  t.same(
    rows.map(({ migration_name }) => migration_name),
    await migrationNames(),
  )
  t.same(await migrate(url), [], 'a further run applies nothing')
})

test('a migrated database has no account, site or key that anybody could know', async (t) => {
  const { url, client } = await createEmptyDatabase(t)
  await migrate(url)
  for (const table of ['tenants', 'members', 'passwords', 'api_keys', 'signing_keys']) {
    const { rows } = await client.query(`select count(*)::int as n from ${table}`)
    t.same(rows, [{ n: 0 }], table)
  }
  const { rows: logins } = await client.query(`select rolname from pg_roles where rolname like 'tenantry%' and rolcanlogin`)
  t.same(logins, [], 'nor a role that can log in')
})

test('the table of applied migrations is the one that "prisma migrate deploy" keeps', async (t) => {
  const { owner } = await createTestDatabase(t)
  const { rows } = await owner.query(
    'select migration_name, checksum, applied_steps_count, rolled_back_at, finished_at from _prisma_migrations order by 1',
  )
  t.equal(rows.length, (await migrationNames()).length)
  for (const { migration_name: name, checksum, finished_at, ...rest } of rows) {
    const file = await readFile(join('prisma/migrations', name, 'migration.sql'))
    t.equal(checksum, createHash('sha256').update(file).digest('hex'), name)
    t.type(finished_at, Date)
    t.same(rest, { applied_steps_count: 1, rolled_back_at: null })
  }
})

test('a database that holds something else is refused', async (t) => {
  const { url, client } = await createEmptyDatabase(t)
  await client.query('create table members ()')
  await t.rejects(migrate(url), /not empty/)
  t.same((await client.query(`select to_regclass('tenants') as ours`)).rows, [{ ours: null }])
})

test('by a superuser URL the service runs as tenantry_app', async (t) => {
  const database = await createTestDatabase(t)
  t.same(await database.open().directory.$queryRaw`select current_user::text as role, session_user::text as login`, [
    { role: 'tenantry_app', login: 'postgres' },
  ])
})

test('a login with CREATEROLE that owns its database can migrate and serve', async (t) => {
  const login = await otherCluster(t)
  t.same(await migrate(login), await migrationNames())
  const db = openDatabase({ url: login, mode: 'session', max: 1, onError: () => {} })
  t.teardown(() => db.close())
  t.same(await db.directory.$queryRaw`select current_user::text as role`, [{ role: 'tenantry_app' }])
  await t.resolves(proveWalls(db.directory))
})

test('sites made before there were forms get one of their collection for messages, each of them', async (t) => {
  const { owner, addTenant } = await createTestDatabase(t)
  const add = (tenantId: string, slug: string, audience: string) =>
    owner.query(`insert into collections (tenant_id, id, slug, name, schema, audience) values ($1, gen_random_uuid(), $2, '', '{}', $3)`, [
      tenantId,
      slug,
      audience,
    ])
  const [one, other, open] = [await addTenant(), await addTenant(), await addTenant()]
  for (const { id } of [one, other]) await add(id, 'messages', 'staff')
  await add(one.id, 'minutes', 'staff')
  await add(open.id, 'messages', 'public')
  const forms = async () => (await owner.query('select tenant_id, slug from collections where form order by tenant_id')).rows
  t.same(await forms(), [])
  await owner.query('begin')
  await owner.query(await readFile('prisma/migrations/20261124000500_message_forms/migration.sql', 'utf8'))
  t.same((await owner.query(`select current_user::text as role, current_setting('app.tenant_id') as tenant`)).rows, [
    { role: 'tenantry_owner', tenant: '' },
  ])
  await owner.query('commit')
  t.same(
    await forms(),
    [one.id, other.id].sort().map((id) => ({ tenant_id: id, slug: 'messages' })),
  )
})

test('a signing key from before keys were exchanged is as old as it is, and the walls stand', async (t) => {
  const { owner, addTenant, open } = await createTestDatabase(t)
  for (const age of ['95 days', '2 days']) {
    const { id } = await addTenant()
    await owner.query(
      `insert into signing_keys (tenant_id, id, public_jwk, sealed_private, created_at) values ($1, 'key', '{}', '', now() - $2::interval)`,
      [id, age],
    )
  }
  await owner.query('alter table signing_keys drop column activates_at')
  await owner.query('begin')
  await owner.query(await readFile('prisma/migrations/20261125000300_key_overlap/migration.sql', 'utf8'))
  await owner.query('commit')
  await owner.query('reset role')
  const { rows } = await owner.query("select activates_at = created_at as same, activates_at < now() - interval '1 day' as old from signing_keys")
  t.same(rows, [
    { same: true, old: true },
    { same: true, old: true },
  ])
  await t.resolves(proveWalls(open().directory))
})

/** SQL that would bring the database to what schema.prisma says; empty when they agree. */
async function difference(url: string): Promise<string> {
  const files = await Promise.all(
    (await readdir(schemaFolder)).map(async (name) => ({
      path: join(schemaFolder, name),
      content: await readFile(join(schemaFolder, name), 'utf8'),
    })),
  )
  const result = await withSchemaEngine(url, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    }),
  )
  const script = result.stdout ?? ''
  return script.includes('This is an empty migration') ? '' : script
}

/** Roles belong to the whole cluster, and the shared one has them already: a cluster of its own, as a hosted PostgreSQL hands it out. */
async function otherCluster(t: Test): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-cluster-'))
  await chmod(dataDir, 0o755)
  const cluster = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } })
  t.teardown(async () => {
    await cluster.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const superuser = new pg.Client({ connectionString: cluster.url('postgres') })
  await superuser.connect()
  await superuser.query(`create role hosted login createrole nosuperuser password 'hosted'`)
  await superuser.query('create database tenantry owner hosted')
  await superuser.end()
  const url = new URL(cluster.url('tenantry'))
  Object.assign(url, { username: 'hosted', password: 'hosted' })
  return url.href
}
