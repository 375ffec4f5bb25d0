import { randomUUID } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { drillBackup } from '../../src/backup/drill/drill-backup.ts'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import { takeBackup } from '../../src/backup/take-backup.ts'
import { migrate } from '../../src/db/migrate.ts'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { connect } from '../database.ts'
import { findPgClient } from '../pg-client.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** A server of its own, which has never heard of our roles, and a login there as hosters give it: it may make roles, and is no superuser. */
async function startServer(t: Test, { login, database }: { login: string; database: string }) {
  const dataDir = await temporaryFolder(t)
  // Started by root, PostgreSQL runs as another user, who has to get in here.
  await chmod(dataDir, 0o755)
  const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } })
  t.teardown(() => server.stop())
  const superuser = await connect(t, server.url('postgres'))
  await superuser.query(`create role ${login} login createrole password 'of the test'`)
  await superuser.query(`create database ${database} owner ${login}`)
  const url = new URL(server.url(database))
  ;[url.username, url.password] = [login, 'of the test']
  return { superuser, url: url.href, superuserUrl: (name: string) => server.url(name) }
}

t.test('a hub that some other login migrated comes back on a server without that login, and by one that is no superuser', async (t) => {
  const binDir = findPgClient(t)
  if (!binDir) return
  const [home, away] = await Promise.all([
    startServer(t, { login: 'doadmin', database: 'tenantry' }),
    startServer(t, { login: 'hosted', database: 'copy' }),
  ])
  await migrate(home.url)
  const owner = await connect(t, home.superuserUrl('tenantry'))
  await owner.query('alter role tenantry_backup bypassrls')
  for (const slug of ['site-a', 'site-b']) {
    const id = randomUUID()
    await owner.query('insert into tenants (id, slug) values ($1, $2)', [id, slug])
    await owner.query("insert into roles (tenant_id, id, slug, name) values ($1, gen_random_uuid(), 'x', 'X')", [id])
  }
  const storage = createDiskStorage(await temporaryFolder(t))
  const options = { storage, folders: [binDir], identity: undefined }
  const take = () => takeBackup({ ...options, databaseUrl: home.url, recipient: '', kmsKey: undefined, release: '0.1.0' })
  const drill = () => drillBackup(options, { name: undefined, serverUrl: away.superuserUrl('postgres'), proofs: [] })
  const { manifest } = await take()
  const owners = 'select tableowner from pg_tables where tablename = $1'
  t.same((await owner.query(owners, ['_prisma_migrations'])).rows, [{ tableowner: 'tenantry_owner' }], 'it is not the login’s')

  // Nor may it give the backup role what it has not itself.
  const copy = await connect(t, away.superuserUrl('copy'))
  const rights = "select nspacl::text as rights from pg_namespace where nspname = 'public'"
  const before = (await copy.query(rights)).rows
  const complaint = /^tenantry_backup cannot see past row-level security there, .*: let a superuser run "alter role tenantry_backup bypassrls"\.$/
  await t.rejects(restoreBackup(options, undefined, away.url), { message: complaint })
  t.same((await copy.query("select from pg_class where relnamespace = 'public'::regnamespace")).rowCount, 0, 'nothing was restored')
  await away.superuser.query('alter role tenantry_backup bypassrls')
  await copy.query(`create function pg_temp.fail() returns event_trigger language plpgsql as $$ begin raise exception 'no more tables'; end $$`)
  await copy.query(`create event trigger stop_it on ddl_command_end when tag in ('ALTER TABLE') execute function pg_temp.fail()`)
  await t.rejects(restoreBackup(options, undefined, away.url), { message: /^pg_restore failed: .*no more tables/ })
  t.same((await copy.query(rights)).rows, before, 'a restore that failed leaves no right behind')
  await copy.query('drop event trigger stop_it')
  t.match(await restoreBackup(options, undefined, away.url), { manifest: { name: manifest.name }, differences: { length: 0 } })

  // As a release before left it, and a right of somebody whom only that server knows.
  await owner.query('create role "Reports"; grant select on members to "Reports"; alter table _prisma_migrations owner to doadmin')
  await take()
  t.same((await drill()).faults, [])
  const strangers = await away.superuser.query("select rolname from pg_roles where rolname in ('doadmin', 'Reports')")
  t.same(strangers.rows, [], 'whom the dump names has come to nothing')
  await owner.query('alter table _prisma_migrations owner to postgres')
  await take()
  await away.superuser.query('create database another owner hosted')
  const another = new URL(away.url)
  another.pathname = '/another'
  await t.rejects(restoreBackup(options, undefined, another.href), { message: /belongs to the role "postgres", .*: restore as a superuser\.$/ })
})
