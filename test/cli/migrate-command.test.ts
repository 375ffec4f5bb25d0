import { randomBytes } from 'node:crypto'
import { type Test, test } from 'tap'
import { migrationList, migrationNames } from '../../src/db/migrate.ts'
import { withSchemaEngine } from '../../src/db/schema-engine.ts'
import { createEmptyDatabase, createTestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { runTenantry } from './run-tenantry.ts'

/** What the schema engine alone leaves: all migrations but so many of the newest, and nothing of the queue's own. */
async function migratedWithout(t: Test, newest: number) {
  const { url, client } = await createEmptyDatabase(t)
  const migrationsList = await migrationList()
  const left = migrationsList.migrationDirectories.splice(migrationsList.migrationDirectories.length - newest).map(({ path }) => path)
  const filters = { externalTables: [], externalEnums: [] }
  await withSchemaEngine(url, (engine) => engine.applyMigrations({ migrationsList, filters }))
  return { url, owner: client, left }
}

test('two processes that migrate at the same moment take turns: one applies what is missing, the other finds nothing to do', async (t) => {
  const { url, owner, left } = await migratedWithout(t, 1)
  await owner.query('select pg_advisory_lock(7236411)')
  const runs = Array.from({ length: 2 }, () => runTenantry(['migrate', '--json'], { DATABASE_URL: url }))
  const waiting = `select from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`
  await eventually(t, 'both wait', async () => (await owner.query(waiting)).rowCount === 2, 20_000)
  await owner.query('select pg_advisory_unlock(7236411)')
  const ended = await Promise.all(runs)
  t.same(
    ended.map(({ code, err }) => [code, err]),
    [
      [0, ''],
      [0, ''],
    ],
  )
  t.same(
    ended.flatMap(({ out }) => JSON.parse(out).applied),
    left,
  )
  t.equal((await owner.query('select from _prisma_migrations where finished_at is not null')).rowCount, (await migrationNames()).length)
})

test('a migration that fails half-way ends with 1 and one line, leaves nothing of itself, and is applied once what was in the way is gone', async (t) => {
  const { url, owner, left } = await migratedWithout(t, 1)
  const [newest = ''] = left
  // Whichever it is, its first change of the schema fails once that is made.
  await owner.query(`create function refuse() returns event_trigger language plpgsql as $$ begin raise 'not today'; end $$`)
  await owner.query('create event trigger obstacle on ddl_command_end execute function refuse()')
  const run = () => runTenantry(['migrate'], { DATABASE_URL: url })
  const line = `The migration ${newest} failed: not today. Nothing of it stays: put that right, and migrate again.\n`
  t.same(await run(), { code: 1, out: '', err: line })
  t.same(await run(), { code: 1, out: '', err: line }, 'and says so again')
  await owner.query('drop event trigger obstacle')
  t.same(await run(), { code: 0, out: `applied ${newest}\n`, err: '' })
  t.same(await run(), { code: 0, out: 'the database is up to date\n', err: '' })
})

test('a run that was cut off before the queue had its tables, or its grants, is made up for by the next', async (t) => {
  const { url, owner } = await migratedWithout(t, 0)
  const run = () => runTenantry(['migrate'], { DATABASE_URL: url })
  const readable = async () =>
    (
      await owner.query(`select has_schema_privilege('tenantry_backup', 'graphile_worker', 'usage')
        and has_table_privilege('tenantry_backup', 'graphile_worker._private_jobs', 'select') as yes`)
    ).rows[0].yes
  t.same(await queueTables(owner), ['migrations'], 'control: our own migrations make no more of it')
  t.same(await run(), { code: 0, out: 'the database is up to date\n', err: '' })
  t.ok((await queueTables(owner)).includes('_private_jobs'))
  t.equal(await readable(), true)
  await owner.query('revoke select on graphile_worker._private_jobs from tenantry_backup')
  t.equal(await readable(), false, 'control')
  t.match(await run(), { code: 0 })
  t.equal(await readable(), true)
})

test('a database that is away, and one that holds something else, end with 1 and one line', async (t) => {
  const { url, owner } = await createTestDatabase(t)
  const away = await runTenantry(['migrate'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  t.same(away, { code: 1, out: '', err: 'The database of DATABASE_URL cannot be reached.\n' })
  await owner.query('drop table _prisma_migrations')
  const strange = await runTenantry(['migrate'], { DATABASE_URL: url })
  t.match(strange, { code: 1, out: '', err: /^[^\n]*not empty[^\n]*\n$/ })
})

async function queueTables(owner: { query(sql: string): Promise<{ rows: { name: string }[] }> }): Promise<string[]> {
  const { rows } = await owner.query(
    `select relname::text as name from pg_class where relnamespace = 'graphile_worker'::regnamespace and relkind = 'r'`,
  )
  return rows.map(({ name }) => name)
}

test('the service’s own login may not migrate; DATABASE_OWNER_URL names the one that does', async (t) => {
  const { url, owner } = await createTestDatabase(t)
  const login = `service_${randomBytes(6).toString('hex')}`
  await owner.query(`create role ${login} login password 'its-own-9274' noinherit`)
  await owner.query(`grant tenantry_app to ${login} with set true, inherit false`)
  const DATABASE_URL = Object.assign(new URL(url), { username: login, password: 'its-own-9274' }).href
  t.match(await runTenantry(['migrate'], { DATABASE_URL }), { code: 1, out: '', err: /^[^\n]*may not do this[^\n]*DATABASE_OWNER_URL[^\n]*\n$/ })
  t.match(await runTenantry(['migrate'], { DATABASE_URL, DATABASE_OWNER_URL: url }), { code: 0, out: 'the database is up to date\n' })
  await owner.query(`drop role ${login}`)
})
