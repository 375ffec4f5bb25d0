import { join } from 'node:path'
import type { Test } from 'tap'
import { type BackupOptions, type Taken, takeBackup } from '../../src/backup/take-backup.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import type { ObjectStorage } from '../../src/storage/object-storage.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { findPgClient } from '../pg-client.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export interface BackupSource {
  data: TestDatabase
  folders: readonly string[]
  dir: string
  /** In `dir`. */
  storage: ObjectStorage
  take(options?: Partial<BackupOptions>): Promise<Taken>
  /** A database with nothing in it, by the URL of a superuser. */
  emptyDatabase(): Promise<string>
  /** Adds a table of so many megabytes that cannot be compressed. */
  addBallast(megabytes: number): Promise<void>
}

/** A migrated database with two sites, and what takes its backups. Undefined where there is no PostgreSQL client: the test then ends as skipped. */
export async function createBackupSource(t: Test): Promise<BackupSource | undefined> {
  const binDir = findPgClient(t)
  if (!binDir) return undefined
  const data = await createTestDatabase(t)
  await data.addTenant({ slug: 'site-a' })
  await data.addTenant({ slug: 'site-b' })
  const dir = await temporaryFolder(t)
  const [storage, folders] = [createDiskStorage(dir), [binDir]]
  return {
    data,
    folders,
    dir,
    storage,
    take: (options = {}) => takeBackup({ storage, folders, databaseUrl: data.url, recipient: '', kmsKey: undefined, release: '0.1.0', ...options }),
    async emptyDatabase() {
      const name = `${data.name}_copy`
      await data.owner.query(`drop database if exists ${name} with (force)`)
      await data.owner.query(`create database ${name} template template0`)
      t.teardown(() => data.owner.query(`drop database if exists ${name} with (force)`))
      const url = new URL(data.url)
      url.pathname = `/${name}`
      return url.href
    },
    async addBallast(megabytes) {
      await data.owner.query('create table ballast (id int, bytes text); alter table ballast owner to tenantry_owner')
      await data.owner.query('grant select on ballast to tenantry_backup')
      await data.owner.query(
        `insert into ballast select n, (select string_agg(gen_random_uuid()::text, '') from generate_series(n, n + 1500)) from generate_series(1, $1) n`,
        [megabytes * 28],
      )
    },
  }
}

/** Path of what is stored in the folder of a disk storage. */
export function pathIn(dir: string, name: string, file: string): string {
  return join(dir, 'objects', 'backups', name, file)
}
