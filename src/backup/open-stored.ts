import { pipeline, type Readable } from 'node:stream'
import { type AgeFault, createOpener } from '../security/age.ts'
import type { ObjectStorage } from '../storage/object-storage.ts'
import { keyOf } from './backup-name.ts'
import { type ByteFacts, createByteCount, passThrough } from './byte-count.ts'
import type { Manifest, Trust } from './manifest.ts'
import { readPieces } from './read-pieces.ts'

export interface OpenOptions extends Trust {
  storage: ObjectStorage
  /** Undefined where it is not at hand: an encrypted dump then stays closed. */
  identity: string | undefined
  onProgress?: (bytes: number) => void
  /** Ends the work on it. */
  signal?: AbortSignal | undefined
}

interface FaultOptions extends ErrorOptions {
  broken?: boolean
}

/** What is wrong with a backup; it completes the sentence "Backup X …". */
export class BackupFault extends Error {
  override name = 'BackupFault'
  /** With itself, and not with the key at hand. */
  readonly broken: boolean
  constructor(message: string, { broken = true, ...options }: FaultOptions = {}) {
    super(message, options)
    this.broken = broken
  }
}

const changed = 'was changed: its bytes are not those that were written (sha256 differs). Use another one: tenantry backup list.'
const words: Record<AgeFault, string> = {
  foreign: changed,
  damaged: changed,
  'wrong-key': 'cannot be opened: it was encrypted for another key than that of BACKUP_IDENTITY_FILE.',
}

/** Whether its plain bytes can be had. */
export function opens({ identity }: OpenOptions, { file }: Manifest): boolean {
  return file === 'dump.pgc' || identity !== undefined
}

/** The plain bytes of a dump where it opens, otherwise the stored ones. The stream ends only if all were those of the manifest, and fails otherwise. */
export async function openStored(options: OpenOptions, manifest: Manifest): Promise<Readable> {
  const { storage, identity, onProgress } = options
  const { name, file, stored, plain } = manifest
  const key = keyOf(name, file)
  const found = await storage.stat(key)
  if (!found) throw new BackupFault('has no dump any more. Use another one: tenantry backup list.')
  if (found.size !== stored.size) {
    const what = found.size < stored.size ? 'is truncated' : 'is longer than it was'
    throw new BackupFault(`${what}: ${found.size} bytes are there, ${stored.size} were written. Use another one: tenantry backup list.`)
  }
  const bytes = compared(readPieces(storage, { key, size: stored.size }), stored, onProgress)
  if (file === 'dump.pgc' || identity === undefined) return bytes
  const open = createOpener(
    { identities: [identity] },
    (fault, options) => new BackupFault(words[fault], { ...options, broken: fault !== 'wrong-key' }),
  )
  return compared(await open(bytes), plain)
}

function compared(source: Readable, written: ByteFacts, onProgress?: (bytes: number) => void): Readable {
  const count = createByteCount()
  const passing = passThrough({
    each(chunk) {
      count.see(chunk)
      onProgress?.(count.size())
    },
    end() {
      const { size, sha256 } = count.facts()
      if (size === written.size && sha256 === written.sha256) return
      throw new BackupFault(changed)
    },
  })
  pipeline(source, passing, () => {})
  return passing
}

/** As one line that names the backup. */
export function asFaultOf(name: string, error: unknown): unknown {
  return error instanceof BackupFault ? new Error(`Backup ${name} ${error.message}`, { cause: error }) : error
}
