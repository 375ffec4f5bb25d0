import { tenantStorage } from '../storage/tenant-storage.ts'
import { type ArchiveSource, type CheckedArchive, checkArchive } from './check-archive.ts'
import type { Naming } from './named-object.ts'
import { createPartChain } from './part-chain.ts'
import { type Hub, type ImportPlan, type ImportWish, planImport } from './plan-import.ts'
import { readParts, replaced } from './read-archive.ts'
import type { Seals } from './sealed-values.ts'
import { CommitUnknown, writeSite } from './write-site.ts'

export interface ImportTools extends Hub {
  seals: Seals
  naming: Naming
  signal?: AbortSignal
  progress?: (line: string) => void
}

export interface Imported extends CheckedArchive, ImportPlan {}

/** Of removals: one request. */
const batch = 500
/** Held by whoever imports: the same number everywhere. */
const advisoryLock = 7_236_412

/** What importing it would do. Nothing is written. */
export async function planArchive(tools: ImportTools, source: ArchiveSource, wish: ImportWish): Promise<Imported> {
  const checked = await checkArchive(source, tools)
  return { ...checked, ...(await planImport(tools, checked, wish)) }
}

/**
 * One site out of an archive. All of it is checked first; then its objects are put below a folder that nobody knows yet, and then its rows come in one
 * transaction. Whatever fails, nothing of it stays.
 */
export async function importSite(tools: ImportTools, source: ArchiveSource, wish: ImportWish): Promise<Imported> {
  const { owner } = tools
  const { rows } = await owner.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [advisoryLock])
  if (!rows[0]?.taken) throw new Error('Another import is under way in this hub: wait for its end.')
  const imported = await planArchive(tools, source, wish)
  if (wish.discardFiles) await removeAll(tools, imported.tenantId)
  try {
    await putObjects(tools, source, imported)
    await writeSite(tools, source, imported)
  } catch (error) {
    // The rows may be there, and objects that rows name are worth more than tidiness.
    if (!(error instanceof CommitUnknown)) await removeAfter(error, tools, imported.tenantId)
    throw error
  }
  return imported
}

async function putObjects({ storage, signal, progress }: ImportTools, source: ArchiveSource, { tenantId, objects, sums }: Imported): Promise<void> {
  if (objects === 0) return
  const own = tenantStorage(storage, tenantId)
  const chain = createPartChain()
  let done = 0
  for await (const part of readParts(await source.open(), chain)) {
    signal?.throwIfAborted()
    if (part.kind !== 'object') continue
    const { size } = await own.put(part.key, part.stream, { ...part.as, ...(signal ? { signal } : {}) }).catch((error) => {
      // A storage that is stopped says that it is not there.
      signal?.throwIfAborted()
      throw error
    })
    if (size !== part.size) throw new Error(`The storage took ${size} bytes of ${part.key}, which has ${part.size}. Nothing was imported.`)
    progress?.(`importing objects: ${++done} of ${objects}`)
  }
  if (chain.sha256() !== sums.all) throw new Error(replaced)
}

async function removeAfter(error: unknown, tools: ImportTools, tenantId: string): Promise<void> {
  try {
    await removeAll(tools, tenantId)
  } catch (cause) {
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`${said}\nIts files below tenants/${tenantId}/ could not be removed again: import it with --discard-files.`, { cause })
  }
}

async function removeAll({ storage }: ImportTools, tenantId: string): Promise<void> {
  const own = tenantStorage(storage, tenantId)
  for (;;) {
    const keys: string[] = []
    for await (const { key } of own.list('')) {
      keys.push(key)
      if (keys.length === batch) break
    }
    if (keys.length === 0) return
    await own.remove(keys)
  }
}
