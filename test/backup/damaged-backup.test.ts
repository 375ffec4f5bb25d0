import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import t from 'tap'
import { listBackups, readVerification } from '../../src/backup/backup-store.ts'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import { verifyBackup } from '../../src/backup/verify-backup.ts'
import { connect } from '../database.ts'
import { createBackupSource, pathIn } from './backup-source.ts'

const relations = "select count(*)::int as count from pg_class where relnamespace = 'public'::regnamespace"

t.test('a truncated, changed, missing or unreadable dump is told in one line, and restores nothing', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { manifest } = await source.take()
  const { name } = manifest
  const path = pathIn(source.dir, name, 'dump.pgc')
  const whole = await readFile(path)
  const options = { ...source, identity: undefined }
  const url = await source.emptyDatabase()
  const fails = async (complaint: RegExp) => {
    await t.rejects(verifyBackup(options, name), { message: complaint })
    await t.rejects(restoreBackup(options, name, url), { message: complaint })
    t.equal(await readVerification(source.storage, name), undefined, 'nothing vouches for it')
    t.same((await (await connect(t, url)).query(relations)).rows, [{ count: 0 }], 'nothing is there')
  }
  await truncate(path, whole.length - 1)
  await fails(/^Backup \S+ is truncated: \d+ bytes are there, \d+ were written\. Use another one: tenantry backup list\.$/)
  const changed = Buffer.from(whole)
  changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1
  await writeFile(path, changed)
  await fails(/^Backup \S+ was changed: its bytes are not those that were written \(sha256 differs\)\./)
  await rm(path)
  await fails(/^Backup \S+ has no dump any more\./)
  await writeFile(path, whole)
  t.match(await verifyBackup(options, name), { how: 'read' }, 'control')
  t.match(await restoreBackup(options, name, url), { differences: { length: 0 } }, 'control')
})

t.test('a manifest that was changed, is foreign, of another backup or of a newer release is refused in one line', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { manifest } = await source.take()
  const path = pathIn(source.dir, manifest.name, 'manifest.json')
  const url = await source.emptyDatabase()
  const cases: [change: unknown, complaint: RegExp][] = [
    [
      { ...manifest, format: 3, more: true },
      /^Backup \S+ was made by a newer release of Tenantry \(its manifest has format 3, this one reads up to 2\): use that/,
    ],
    [{ ...manifest, migration: '29990101000000_later' }, /^Backup \S+ was made by Tenantry 0\.1\.0 with the migration 29990101000000_later, which/],
    [{ backup: 'of something else' }, /^The manifest of \S+ is not one of Tenantry, or was changed/],
    ['{ "format"', /^The manifest of \S+ is not one of Tenantry, or was changed/],
    [{ ...manifest, tables: { 'public.tenants': -1 } }, /^The manifest of \S+ is not one of Tenantry, or was changed/],
    [{ ...manifest, name: '20260101T000000Z-00000000' }, /^The manifest of \S+ is that of another backup/],
    [{ ...manifest, stored: { ...manifest.stored, sha256: '0'.repeat(64) } }, /^Backup \S+ was changed/],
  ]
  for (const [change, complaint] of cases) {
    await writeFile(path, typeof change === 'string' ? change : JSON.stringify(change))
    await t.rejects(restoreBackup({ ...source, identity: undefined }, undefined, url), { message: complaint })
  }
  const { hub: _, ...before } = manifest
  await writeFile(path, JSON.stringify({ ...before, format: 1 }))
  t.match(await verifyBackup({ ...source, identity: undefined }, manifest.name), { how: 'read' }, 'the form before is read too')
  await writeFile(path, JSON.stringify({ ...manifest, tables: { ...manifest.tables, 'public.tenants': 3 } }))
  t.match(
    (await restoreBackup({ ...source, identity: undefined }, undefined, url)).differences,
    [{ table: 'public.tenants', wanted: 3, found: 2 }],
    'counts that were changed are found by counting',
  )
})

t.test('a restore into a database that is not empty is refused, and one that fails half-way leaves nothing', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  await source.take()
  const options = { ...source, identity: undefined }
  await t.rejects(restoreBackup(options, undefined, source.data.url), {
    message: /^The database of --to is not empty \(it has \S+\): make a new one/,
  })
  const url = await source.emptyDatabase()
  const copy = await connect(t, url)
  // What an extension brought counts as empty; one of its names is then in the way of ours.
  await copy.query(`create function pg_temp.fail() returns event_trigger language plpgsql as $$ begin raise exception 'no more tables'; end $$`)
  await copy.query(`create event trigger stop_it on ddl_command_end when tag in ('ALTER TABLE') execute function pg_temp.fail()`)
  await t.rejects(restoreBackup(options, undefined, url), { message: /^pg_restore failed: .*no more tables/ })
  t.same((await copy.query(relations)).rows, [{ count: 0 }])
  await copy.query('drop event trigger stop_it')
  t.match(await restoreBackup(options, undefined, url), { differences: { length: 0 } }, 'control')
})

t.test('what has no manifest is no backup', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { manifest } = await source.take()
  t.match(await listBackups(source.storage), [{ name: manifest.name }], 'control')
  await rm(pathIn(source.dir, manifest.name, 'manifest.json'))
  t.same(await listBackups(source.storage), [])
  t.same(await readdir(`${source.dir}/objects/backups`), [manifest.name], 'it is still there')
  await t.rejects(verifyBackup({ ...source, identity: undefined }, manifest.name), { message: /^There is no backup / })
})
