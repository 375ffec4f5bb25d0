import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { migrationNames } from '../db/migrate.ts'
import { readManifest } from './backup-store.ts'
import { passThrough } from './byte-count.ts'
import { type CountDifference, compareCounts } from './compare-counts.ts'
import { readDumpRoles } from './dump-roles.ts'
import { findBackup } from './find-backup.ts'
import type { Manifest } from './manifest.ts'
import { notingFaults } from './note-faults.ts'
import { openStored, opens } from './open-stored.ts'
import { findPostgresClient, majorOf } from './postgres-client.ts'
import { requireRoles, withOwners } from './prepare-roles.ts'
import { feed, finish } from './read-along.ts'
import { connectionOf, startClient } from './run-client.ts'
import { countRows, openServer, type Server, takeBackupRole } from './snapshot.ts'
import type { VerifyOptions } from './verify-backup.ts'

export interface Restored {
  manifest: Manifest
  /** None, where it is all there. */
  differences: CountDifference[]
}

/** As the steps of a restore are told. */
export type Step = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>

const atOnce: Step = (_name, work) => work()

/**
 * Restores a backup into an empty database, or leaves it empty: everything is read and compared before the first byte is restored, and that is one
 * transaction, whose last bytes are handed over only after all before were found to be the right ones once more.
 */
export async function restoreBackup(options: VerifyOptions, name: string | undefined, databaseUrl: string, step: Step = atOnce): Promise<Restored> {
  const server = await openServer(databaseUrl)
  try {
    const entry = await findBackup(options.storage, name)
    const manifest = await notingFaults(options.storage, entry.name, () => readManifest(options.storage, entry.name, options))
    if (!opens(options, manifest)) throw new Error(`Backup ${entry.name} is encrypted: set BACKUP_IDENTITY_FILE to the file of the private key.`)
    await requireKnown(manifest)
    const pgRestore = await requireFitting(options.folders, server, manifest)
    await requireEmpty(server.client)
    await requireRoles(server.client)
    const read = () => readDumpRoles(options, manifest, pgRestore)
    const roles = await step('read and compare', () => notingFaults(options.storage, entry.name, read))
    await step('restore', () =>
      withOwners(server.client, roles, () => pour(options, { manifest, pgRestore, connection: connectionOf(databaseUrl, server.client) })),
    )
    await takeBackupRole(server.client, 'that restores')
    const counts = await step('count rows', () => countRows(server.client))
    return { manifest, differences: compareCounts(manifest.tables, counts) }
  } finally {
    await server.close()
  }
}

async function requireKnown({ name, migration, versions }: Manifest): Promise<void> {
  if ((await migrationNames()).includes(migration)) return
  throw new Error(
    `Backup ${name} was made by Tenantry ${versions.tenantry} with the migration ${migration}, which this release does not know: use that release.`,
  )
}

async function requireFitting(folders: readonly string[], { version }: Server, { versions }: Manifest): Promise<string> {
  if (majorOf(version) < majorOf(versions.server)) {
    throw new Error(
      `The backup is of PostgreSQL ${versions.server}, and this server is ${version}: restore into ${majorOf(versions.server)} or later.`,
    )
  }
  const client = await findPostgresClient(folders, { major: majorOf(versions.client), of: 'The dump', orLater: true })
  return client.pgRestore
}

async function requireEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     union all select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
     union all select 'function ' || proname from pg_proc p where pronamespace = 'public'::regnamespace
       and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
     limit 1`,
  )
  if (rows[0])
    throw new Error(`The database of --to is not empty (it has ${rows[0].name}): make a new one with "create database", and restore into that.`)
}

interface Pouring {
  manifest: Manifest
  pgRestore: string
  connection: Record<string, string>
}

async function pour(options: VerifyOptions, { manifest, pgRestore, connection: { PGDATABASE = '', ...connection } }: Pouring): Promise<void> {
  const args = [`--dbname=${PGDATABASE}`, '--exit-on-error', '--single-transaction', '--no-password']
  const restore = startClient(pgRestore, args, connection)
  restore.stdout.resume()
  let held: Uint8Array | undefined
  const last = passThrough({
    async each(chunk) {
      if (held) await feed(restore, held)
      held = chunk
    },
    async end() {
      if (held) await feed(restore, held)
      await finish(restore)
    },
  })
  last.resume()
  restore.ended.catch((error) => last.destroy(error))
  try {
    await pipeline(await openStored(options, manifest), last, { signal: options.signal })
  } finally {
    restore.kill()
    // Until then it may hold locks on what it has made.
    await restore.ended.catch(() => {})
  }
}
