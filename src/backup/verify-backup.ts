import { pipeline } from 'node:stream/promises'
import { readManifest, type Verification, writeVerification } from './backup-store.ts'
import { passThrough } from './byte-count.ts'
import type { Manifest } from './manifest.ts'
import { notingFaults } from './note-faults.ts'
import { BackupFault, type OpenOptions, openStored, opens } from './open-stored.ts'
import { findPostgresClient, majorOf } from './postgres-client.ts'
import { feed, finish } from './read-along.ts'
import { type RunningClient, startClient } from './run-client.ts'

export interface VerifyOptions extends OpenOptions {
  /** Where pg_restore may be. */
  folders: readonly string[]
}

/** Reads what is stored in full, has pg_restore read it too where it opens, and notes how that went. Throws one line where all is not well. */
export async function verifyBackup(options: VerifyOptions, name: string): Promise<Verification> {
  const how = await notingFaults(options.storage, name, () => readAgain(options, name))
  return writeVerification(options.storage, name, { at: new Date().toISOString(), how })
}

async function readAgain(options: VerifyOptions, name: string): Promise<Verification['how']> {
  const manifest = await readManifest(options.storage, name, options)
  const readable = opens(options, manifest)
  const reader = readable ? await startReader(options.folders, manifest) : undefined
  try {
    await readDump(options, manifest, reader)
    return readable ? 'read' : 'stored'
  } finally {
    reader?.kill()
  }
}

async function startReader(folders: readonly string[], { versions }: Manifest): Promise<RunningClient> {
  const { pgRestore } = await findPostgresClient(folders, { major: majorOf(versions.client), of: 'The dump', orLater: true })
  const reader = startClient(pgRestore, ['--file=/dev/null'])
  reader.stdout.resume()
  return reader
}

/** To its end, alone or while a program reads along. */
export async function readDump(options: OpenOptions, manifest: Manifest, reader?: RunningClient): Promise<void> {
  const last = passThrough({ each: (chunk) => (reader ? feed(reader, chunk) : undefined), end: () => (reader ? finishReading(reader) : undefined) })
  last.resume()
  await pipeline(await openStored(options, manifest), last, { signal: options.signal })
}

async function finishReading(reader: RunningClient): Promise<void> {
  await finish(reader).catch((error) => {
    throw new BackupFault(`cannot be read: ${error.message}`, { cause: error })
  })
}
