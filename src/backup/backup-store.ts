import { text } from 'node:stream/consumers'
import { type ObjectStorage, StorageFailure, type StoredObject } from '../storage/object-storage.ts'
import { backupsPrefix, keyOf, takenAt } from './backup-name.ts'
import { type Manifest, parseManifest, type Trust } from './manifest.ts'

/** What a list of keys tells: who may only list knows as much. */
export interface BackupEntry {
  name: string
  takenAt: Date
  /** Bytes that are stored. */
  size: number
  encrypted: boolean
  /** And nothing was found wrong with it since. */
  verified: boolean
}

/** `stored`: its bytes are those that were written; `read`: pg_restore has read it in full, too; `restored`: into a database that works. */
export interface Verification {
  at: string
  how: 'stored' | 'read' | 'restored'
}

interface Found {
  entry: BackupEntry
  /** What has no manifest, or no dump, is no backup. */
  whole: boolean
}

/** Newest first. */
export async function listBackups(storage: ObjectStorage): Promise<BackupEntry[]> {
  return (await listFolders(storage)).filter(({ whole }) => whole).map(({ entry }) => entry)
}

/** Also of what broke off. Newest first. */
export async function listFolders(storage: ObjectStorage): Promise<Found[]> {
  const folders = new Map<string, Map<string, StoredObject>>()
  for await (const object of storage.list(backupsPrefix)) {
    const [, name = '', file = ''] = object.key.split('/')
    folders.set(name, (folders.get(name) ?? new Map()).set(file, object))
  }
  const found = [...folders].flatMap(([name, files]) => asFound(name, files) ?? [])
  return found.sort((one, other) => (one.entry.name < other.entry.name ? 1 : -1))
}

function asFound(name: string, files: ReadonlyMap<string, StoredObject>): Found | undefined {
  const at = takenAt(name)
  if (!at) return undefined
  const [plain, sealed] = [files.get('dump.pgc'), files.get('dump.pgc.age')]
  const dump = sealed ?? plain
  const entry = { name, takenAt: at, size: dump?.size ?? 0, encrypted: sealed !== undefined, verified: isVerified(files) }
  return { entry, whole: files.has('manifest.json') && dump !== undefined }
}

/** The later note counts, and of two at once the bad one. */
function isVerified(files: ReadonlyMap<string, StoredObject>): boolean {
  const [verified, failed] = [files.get('verified.json'), files.get('failed.json')]
  return verified !== undefined && !(failed && failed.modifiedAt >= verified.modifiedAt)
}

export async function readManifest(storage: ObjectStorage, name: string, trust: Trust): Promise<Manifest> {
  const body = await storage.read(keyOf(name, 'manifest.json'))
  if (!body) throw new Error(`There is no backup "${name}": tenantry backup list shows those there are.`)
  return parseManifest(name, await text(body.stream), trust)
}

export async function writeManifest(storage: ObjectStorage, manifest: Manifest): Promise<void> {
  await writeJson(storage, keyOf(manifest.name, 'manifest.json'), manifest)
}

/** What was restored once has not become less by being read again; something found wrong since then takes it back. */
export async function writeVerification(storage: ObjectStorage, name: string, { at, how }: Verification): Promise<Verification> {
  const failed = await whereAllowed(() => storage.stat(keyOf(name, 'failed.json')))
  const before = failed ? undefined : await whereAllowed(() => readVerification(storage, name))
  const verification: Verification = { at, how: before?.how === 'restored' ? 'restored' : how }
  await writeJson(storage, keyOf(name, 'verified.json'), verification)
  return verification
}

/** Amazon says of what is not there that it is refused, to a role that may list no more than a prefix. */
async function whereAllowed<Result>(look: () => Promise<Result | undefined>): Promise<Result | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof StorageFailure && error.reason === 'refused') return undefined
    throw error
  }
}

/** Beside the other note, which a login that may add and nothing else could not take away. */
export async function writeFailure(storage: ObjectStorage, name: string, what: string): Promise<void> {
  await writeJson(storage, keyOf(name, 'failed.json'), { at: new Date().toISOString(), what })
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
