import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { listBackups } from '../../src/backup/backup-store.ts'
import { findPostgresClient } from '../../src/backup/postgres-client.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { mountSmallDisk } from '../storage/small-disk.ts'
import { temporaryFolder } from '../temporary-folder.ts'
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

t.test('the counts are of the snapshot, whatever is written meanwhile; a backup of less than half the size of the last is noticed', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  await source.addBallast(2)
  let removal: Promise<unknown> | undefined
  const { manifest } = await source.take({
    onProgress: () => {
      removal ??= source.data.owner.query('delete from ballast where id > 1')
    },
  })
  await removal
  t.equal(manifest.tables['public.ballast'], 56)
  t.same((await source.data.owner.query('select count(*)::int as count from ballast')).rows, [{ count: 1 }], 'control')
  const next = await source.take()
  t.equal(next.shrunkFrom, manifest.stored.size)
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
