import { text } from 'node:stream/consumers'
import type { ObjectStorage } from '../storage/object-storage.ts'
import { backupsPrefix, keyOf, takenAt } from './backup-name.ts'
import { type Manifest, parseManifest } from './manifest.ts'

/** What a list of keys tells: who may only list knows as much. */
export interface BackupEntry {
  name: string
  takenAt: Date
  /** Bytes that are stored. */
  size: number
  encrypted: boolean
  verified: boolean
}

/** `stored`: its bytes are those that were written; `read`: pg_restore has read it in full, too; `restored`: into a database that works. */
export interface Verification {
  at: string
  how: 'stored' | 'read' | 'restored'
}

interface Found {
  entry: BackupEntry
  /** What has no manifest is no backup. */
  whole: boolean
}

/** Newest first. */
export async function listBackups(storage: ObjectStorage): Promise<BackupEntry[]> {
  return (await listFolders(storage)).filter(({ whole }) => whole).map(({ entry }) => entry)
}

/** Also of what broke off. Newest first. */
export async function listFolders(storage: ObjectStorage): Promise<Found[]> {
  const found = new Map<string, Found>()
  for await (const { key, size } of storage.list(backupsPrefix)) {
    const [, name = '', file = ''] = key.split('/')
    const at = takenAt(name)
    if (!at) continue
    const one = found.get(name) ?? { entry: { name, takenAt: at, size: 0, encrypted: false, verified: false }, whole: false }
    found.set(name, one)
    if (file.startsWith('dump.')) Object.assign(one.entry, { size, encrypted: file.endsWith('.age') })
    if (file === 'manifest.json') one.whole = true
    if (file === 'verified.json') one.entry.verified = true
  }
  return [...found.values()].sort((one, other) => (one.entry.name < other.entry.name ? 1 : -1))
}

/** The one of this name, or the newest. */
export async function findBackup(storage: ObjectStorage, name: string | undefined): Promise<BackupEntry> {
  const backups = await listBackups(storage)
  const found = name === undefined ? backups[0] : backups.find((backup) => backup.name === name)
  if (found) return found
  throw new Error(
    name === undefined
      ? 'There is no backup yet: tenantry backup run makes one.'
      : `There is no backup "${name}": tenantry backup list shows those there are.`,
  )
}

export async function readManifest(storage: ObjectStorage, name: string): Promise<Manifest> {
  const body = await storage.read(keyOf(name, 'manifest.json'))
  if (!body) throw new Error(`There is no backup "${name}": tenantry backup list shows those there are.`)
  return parseManifest(name, await text(body.stream))
}

export async function writeManifest(storage: ObjectStorage, manifest: Manifest): Promise<void> {
  await writeJson(storage, keyOf(manifest.name, 'manifest.json'), manifest)
}

export async function writeVerification(storage: ObjectStorage, name: string, verification: Verification): Promise<void> {
  await writeJson(storage, keyOf(name, 'verified.json'), verification)
}

export async function readVerification(storage: ObjectStorage, name: string): Promise<Verification | undefined> {
  const body = await storage.read(keyOf(name, 'verified.json'))
  if (!body) return undefined
  const { at, how }: Partial<Record<keyof Verification, unknown>> = Object(JSON.parse(await text(body.stream)))
  return { at: String(at), how: how === 'restored' || how === 'read' ? how : 'stored' }
}

async function writeJson(storage: ObjectStorage, key: string, value: object): Promise<void> {
  await storage.put(key, Buffer.from(`${JSON.stringify(value, null, 2)}\n`), { contentType: 'application/json' })
}
