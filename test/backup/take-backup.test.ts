import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { listBackups } from '../../src/backup/backup-store.ts'
import { findPostgresClient } from '../../src/backup/postgres-client.ts'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import type { ObjectStorage } from '../../src/storage/object-storage.ts'
import { connect } from '../database.ts'
import { mountSmallDisk } from '../storage/small-disk.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { passOver } from '../tool.ts'
import { createBackupSource } from './backup-source.ts'

/** A folder of programs that say they are of that version. */
async function fakeClient(t: Parameters<typeof temporaryFolder>[0], version: string, dump = ''): Promise<string> {
  const folder = await temporaryFolder(t)
  for (const name of ['pg_dump', 'pg_restore']) {
    const work = name === 'pg_dump' ? dump : 'cat > /dev/null'
    await writeFile(join(folder, name), `#!/bin/sh\nif [ "$1" = --version ]; then echo "${name} (PostgreSQL) ${version}"; exit; fi\n${work}\n`)
    await chmod(join(folder, name), 0o755)
  }
  return folder
}

t.test('a client of another major version is refused before anything is written, and one further on is found', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const old = await fakeClient(t, '15.14')
  const complaint = /^The server is of PostgreSQL 17, and pg_dump is 15\.14 in \S+: install postgresql-client-17 .* set PG_BIN_DIR to its folder/
  await t.rejects(source.take({ folders: [old] }), { message: complaint })
  await t.rejects(source.take({ folders: ['/nowhere'] }), { message: /^The server is of PostgreSQL 17, and there is no pg_dump: install/ })
  t.same(await readdir(source.dir), [])
  const found = await findPostgresClient([old, ...source.folders], { major: 17, of: 'The server' })
  t.match(found, { version: /^17\./, pgDump: join(source.folders[0] ?? '', 'pg_dump') })
})

t.test('a real pg_dump of another major version is refused, and told where the right one is', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const other = [13, 14, 15, 16].map((major) => `/usr/lib/postgresql/${major}/bin`).find((folder) => existsSync(join(folder, 'pg_dump')))
  if (!other) return passOver(t, 'no pg_dump of 13 to 16 is below /usr/lib/postgresql (apt-get install postgresql-client-15)')
  await t.rejects(source.take({ folders: [other] }), {
    message:
      /^The server is of PostgreSQL 17, and pg_dump is 1[3-6]\.\d+ in \/usr\/lib\/\S+: install postgresql-client-17 .* set PG_BIN_DIR to its folder/,
  })
  t.same(await readdir(source.dir), [])
  const { manifest } = await source.take({ folders: [other, ...source.folders] })
  t.match(manifest.versions, { client: /^17\./ }, 'control: with the right one further on it is taken')
})

t.test('a pg_dump that fails, also after its last byte, leaves no backup and says what it said', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const broken = await fakeClient(t, '17.10', 'head -c 300000 /dev/zero; echo "pg_dump: error: the server went away" >&2; exit 1')
  await t.rejects(source.take({ folders: [broken] }), { message: 'pg_dump failed: the server went away' })
  t.same(await listBackups(source.storage), [])
  t.same(await readdir(join(source.dir, 'incoming')), [])
})

t.test('bytes that pg_restore cannot read leave no backup', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const folder = await fakeClient(t, '17.10', 'head -c 5000000 /dev/zero')
  const [real = ''] = source.folders
  await writeFile(
    join(folder, 'pg_restore'),
    `#!/bin/sh\nif [ "$1" = --version ]; then echo "pg_restore (PostgreSQL) 17.10"; exit; fi\nexec ${real}/pg_restore "$@"\n`,
  )
  await t.rejects(source.take({ folders: [folder] }), { message: /^pg_restore failed: input file does not appear to be a valid archive/ })
  t.same(await listBackups(source.storage), [])
})

t.test('a backup role that policies bind is refused with the remedy, and so is a login that may not take it', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { owner, url } = source.data
  const login = `login_${source.data.name}`
  await owner.query(`create role ${login} login password 'of the test' nobypassrls`)
  t.teardown(() => owner.query(`drop owned by ${login}; drop role ${login}`))
  const other = new URL(url)
  ;[other.username, other.password] = [login, 'of the test']
  await t.rejects(source.take({ databaseUrl: other.href }), {
    message: /^The login of DATABASE_URL cannot take the role tenantry_backup: run "tenantry migrate"/,
  })
  await owner.query(`grant tenantry_backup to ${login}`)
  t.match((await source.take({ databaseUrl: other.href })).manifest.tables, { 'public.tenants': 2 }, 'a login that is no superuser does')
})

t.test('the counts are of the snapshot, as is what a restore has, whatever is written after it was opened', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { owner } = source.data
  await source.addBallast(2)
  let written = 0
  /** Asked for the backups before, with the snapshot open and nothing counted yet. */
  const list: ObjectStorage['list'] = async function* (prefix) {
    if (written++ === 0) {
      await owner.query('delete from ballast where id > 1')
      await source.data.addTenant({ slug: 'late' })
    }
    yield* source.storage.list(prefix)
  }
  const { manifest } = await source.take({ storage: { ...source.storage, list } })
  t.ok(written > 0, 'it was written meanwhile')
  const here = async (table: string) => (await owner.query(`select count(*)::int as count from ${table}`)).rows[0].count
  t.same([await here('ballast'), await here('tenants')], [1, 3], 'control: the database has gone on')
  t.match(manifest.tables, { 'public.ballast': 56, 'public.tenants': 2, 'public.hosts': 2 })
  const url = await source.emptyDatabase()
  const { differences } = await restoreBackup({ ...source, identity: undefined }, manifest.name, url)
  t.same(differences, [])
  const copy = await connect(t, url)
  t.same((await copy.query('select count(*)::int as count from ballast')).rows, [{ count: 56 }], 'the dump is of the same moment')
})

t.test('a backup of less than half the size of the last is noticed', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  await source.addBallast(2)
  const { manifest } = await source.take()
  await source.data.owner.query('delete from ballast')
  t.equal((await source.take()).shrunkFrom, manifest.stored.size)
  t.equal((await source.take()).shrunkFrom, undefined, 'control')
})

t.test('a disk that fills during the dump keeps nothing of it, and is told as full', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const disk = await mountSmallDisk(t, 4)
  if (!disk) return
  const dir = join(disk, 'backups')
  await mkdir(dir)
  const storage = createDiskStorage(dir)
  t.equal((await source.take({ storage })).manifest.file, 'dump.pgc', 'control: there is room for a small one')
  await source.addBallast(12)
  await t.rejects(source.take({ storage }), { name: 'StorageFailure', reason: 'full' })
  t.equal((await listBackups(storage)).length, 1)
  t.same(await readdir(join(dir, 'incoming')), [])
})
