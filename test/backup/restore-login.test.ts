import t, { type Test } from 'tap'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import { connect } from '../database.ts'
import { type BackupSource, createBackupSource } from './backup-source.ts'

/** A login that is no superuser and owns an empty database, by its URL. */
async function ownerOfEmpty(t: Test, { data, emptyDatabase }: BackupSource, may: string): Promise<{ url: string; login: string }> {
  const login = `restorer_${data.name}`
  const url = new URL(await emptyDatabase())
  await data.owner.query(`create role ${login} login password 'of the test' ${may}`)
  await data.owner.query(`alter database ${url.pathname.slice(1)} owner to ${login}`)
  t.teardown(async () => {
    await data.owner.query(`drop database if exists ${url.pathname.slice(1)} with (force)`)
    await data.owner.query(`drop owned by ${login}; drop role ${login}`)
  })
  ;[url.username, url.password] = [login, 'of the test']
  return { url: url.href, login }
}

t.test('a login that is no superuser restores where it owns the database and may take the roles of the service', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { url, login } = await ownerOfEmpty(t, source, 'createrole')
  await source.data.owner.query(`grant tenantry_owner, tenantry_jobs, tenantry_backup, tenantry_app to ${login} with set true, inherit true`)
  // Of whoever migrates.
  await source.data.owner.query(`alter table _prisma_migrations owner to ${login}`)
  t.teardown(() => source.data.owner.query('alter table _prisma_migrations owner to tenantry_owner'))
  await source.take()
  t.match(await restoreBackup({ ...source, identity: undefined }, undefined, url), { differences: [] })
})

t.test('one that can neither make nor take them is refused in one line, and nothing is there', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  await source.take()
  const { url } = await ownerOfEmpty(t, source, '')
  const restored = () => restoreBackup({ ...source, identity: undefined }, undefined, url)
  await t.rejects(restored(), {
    message: /^This login can neither make nor take the roles of Tenantry on that server [^\n]+: restore as a superuser\.$/,
  })
  const { rows } = await (await connect(t, url)).query("select count(*)::int as count from pg_class where relnamespace = 'public'::regnamespace")
  t.same(rows, [{ count: 0 }])
})
