import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import { migrationNames } from '../../src/db/migrate.ts'
import { createTestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { runTenantry } from './run-tenantry.ts'

const newest = '20261127000200_operator_invitations'
const forget = `delete from _prisma_migrations where migration_name = '${newest}'`

test('two processes that migrate at the same moment take turns: one applies what is missing, the other finds nothing to do', async (t) => {
  const { url, owner } = await createTestDatabase(t)
  await owner.query(forget)
  await owner.query('alter table invitations drop column operator_name')
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
    [newest],
  )
  t.equal((await owner.query('select from _prisma_migrations where finished_at is not null')).rowCount, (await migrationNames()).length)
})

test('a migration that fails half-way ends with 1 and one line, leaves nothing of itself, and is applied once what was in the way is gone', async (t) => {
  const { url, owner } = await createTestDatabase(t)
  await owner.query(forget)
  const run = () => runTenantry(['migrate'], { DATABASE_URL: url })
  const line = `The migration ${newest} failed: column "operator_name" of relation "invitations" already exists. Nothing of it stays: put that right, and migrate again.\n`
  t.same(await run(), { code: 1, out: '', err: line })
  t.same(await run(), { code: 1, out: '', err: line }, 'and says so again')
  await owner.query('alter table invitations drop column operator_name')
  t.same(await run(), { code: 0, out: `applied ${newest}\n`, err: '' })
  t.same(await run(), { code: 0, out: 'the database is up to date\n', err: '' })
})

test('a database that is away, and one that holds something else, end with 1 and one line', async (t) => {
  const { url, owner } = await createTestDatabase(t)
  const away = await runTenantry(['migrate'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  t.same(away, { code: 1, out: '', err: 'The database of DATABASE_URL cannot be reached.\n' })
  await owner.query('drop table _prisma_migrations')
  const strange = await runTenantry(['migrate'], { DATABASE_URL: url })
  t.match(strange, { code: 1, out: '', err: /^[^\n]*not empty[^\n]*\n$/ })
})

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
