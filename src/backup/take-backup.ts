import type { Readable } from 'node:stream'
import { sealWithAge } from '../security/age.ts'
import { type ObjectStorage, StorageFailure } from '../storage/object-storage.ts'
import { keyOf, newBackupName } from './backup-name.ts'
import { listBackups, writeManifest } from './backup-store.ts'
import { type ByteFacts, createByteCount } from './byte-count.ts'
import { type DumpStream, openDumpStream } from './dump-stream.ts'
import { mayBeOf } from './hub-of-backup.ts'
import { type Manifest, manifestFormat } from './manifest.ts'
import { findPostgresClient, majorOf, type PostgresClient } from './postgres-client.ts'
import { connectionOf } from './run-client.ts'
import { signatureOf } from './sign-manifest.ts'
import { countRows, exportSnapshot, openServer, type Server, type Snapshot, takeBackupRole } from './snapshot.ts'

export interface BackupOptions {
  storage: ObjectStorage
  databaseUrl: string
  /** Where pg_dump may be. */
  folders: readonly string[]
  /** Empty: not encrypted by us. */
  recipient: string
  kmsKey: string | undefined
  /** Undefined: it is not signed. */
  signingKey?: Buffer | undefined
  /** Of this release of ours. */
  release: string
  onProgress?: (bytes: number) => void
}

export interface Taken {
  manifest: Manifest
  /** Of the backup before, where this one has less than half of it. */
  shrunkFrom: number | undefined
}

interface Plan extends BackupOptions {
  server: Server
  client: PostgresClient
  snapshot: Snapshot
}

/** Takes a backup, which is one when its manifest is written, at the very end. Whatever fails before leaves none. */
export async function takeBackup(options: BackupOptions): Promise<Taken> {
  const server = await openServer(options.databaseUrl)
  try {
    const client = await findPostgresClient(options.folders, { major: majorOf(server.version), of: 'The server' })
    await takeBackupRole(server.client, 'of DATABASE_URL')
    return await dumpAndTell({ ...options, server, client, snapshot: await exportSnapshot(server.client) })
  } finally {
    await server.close()
  }
}

async function dumpAndTell(plan: Plan): Promise<Taken> {
  const { storage, recipient, server, client, snapshot, signingKey } = plan
  const previous = await sizeOfNewest(storage, snapshot.hub)
  const name = newBackupName(snapshot.takenAt)
  const file = recipient ? 'dump.pgc.age' : 'dump.pgc'
  const key = keyOf(name, file)
  const { plain, stored, tables } = await send(plan, key)
  const told: Manifest = {
    format: manifestFormat,
    name,
    hub: snapshot.hub ?? null,
    startedAt: snapshot.takenAt.toISOString(),
    finishedAt: new Date().toISOString(),
    file,
    stored,
    plain,
    encryption: { recipient: recipient || null, kmsKey: plan.kmsKey ?? null },
    tables,
    versions: { server: server.version, client: client.version, tenantry: plan.release },
    migration: snapshot.migration,
  }
  const manifest = signingKey ? { ...told, signature: signatureOf(signingKey, told) } : told
  await writeManifest(storage, manifest)
  return { manifest, shrunkFrom: previous !== undefined && stored.size * 2 < previous ? previous : undefined }
}

interface Sent {
  plain: ByteFacts
  stored: ByteFacts
  tables: Record<string, number>
}

/** Streams the dump into its object, and counts the rows of its snapshot meanwhile. */
async function send({ storage, databaseUrl, client, server, snapshot, recipient, onProgress }: Plan, key: string): Promise<Sent> {
  const dump = openDumpStream({ client, connection: connectionOf(databaseUrl, server.client), snapshotId: snapshot.id })
  const counting = countRows(server.client)
  counting.catch((error) => dump.stream.destroy(error))
  const count = createByteCount()
  const see = (chunk: Uint8Array) => {
    count.see(chunk)
    onProgress?.(count.size())
  }
  try {
    const body: Readable = recipient ? await sealWithAge(dump.stream, { recipients: [recipient] }) : dump.stream
    // Encryption adds a thousandth, and what cannot be compressed a little.
    await storage.put(key, body, { contentType: 'application/octet-stream', see, atMost: snapshot.size * 1.1 })
    return { plain: dump.facts(), stored: count.facts(), tables: await counting }
  } catch (error) {
    throw causeOf(error, dump)
  } finally {
    dump.stop()
    await counting.catch(() => {})
  }
}

/** A body that breaks off is a failure of the storage's only in its own words: ours say what broke it off. */
function causeOf(error: unknown, { stream }: DumpStream): unknown {
  if (error instanceof StorageFailure && error.reason !== 'broken-off') return error
  return stream.errored ?? (error instanceof StorageFailure ? (error.cause ?? error) : error)
}

/** Undefined also for a login that may not look. */
async function sizeOfNewest(storage: ObjectStorage, hub: string | undefined): Promise<number | undefined> {
  const backups = await listBackups(storage).catch((error) => {
    if (error instanceof StorageFailure && error.reason === 'refused') return []
    throw error
  })
  for (const { name, size } of backups) if (await mayBeOf(storage, name, hub)) return size
  return undefined
}
