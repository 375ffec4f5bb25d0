import { randomUUID } from 'node:crypto'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { TenantDb } from '../../db/client.ts'
import { codingExtensions } from '../../files/accept-encoding.ts'
import { compressedCopies } from '../../files/compressed-copies.ts'
import type { Images } from '../../files/images.ts'
import { createBoundedQueue } from '../../security/bounded-queue.ts'
import { onDisk } from '../../storage/disk-files.ts'
import type { TenantStorage } from '../../storage/tenant-storage.ts'
import { type BrandFile, type BrandPlan, planBrand } from '../../tenancy/brand/brand-plan.ts'
import { type AssetReader, createAssetReader, makeBrandFile } from './make-brand-file.ts'
import { makeOwnFolder } from './own-folder.ts'
import { publishedBrands } from './published-brands.ts'

/** The site whose brand it is. */
export interface BrandSite {
  tenantId: string
  /** Of the tenant: raised by every publication. */
  version: number
  db: TenantDb
  storage: TenantStorage
}

export interface FileOnDisk {
  folder: string
  name: string
}

/**
 * The files of published brands, on this machine's disk, each with its compressed copies beside it. All of it can be made again from database and storage,
 * and is: by whichever copy of the service is asked first, once however many ask at the same time.
 */
export interface BrandFiles {
  /** Undefined where no brand that was published has a file of that name. */
  find(site: BrandSite, name: string): Promise<FileOnDisk | undefined>
  /** Makes all files of a brand that is about to be published: who cannot be shown is not published. */
  make(site: BrandSite, plan: BrandPlan): Promise<void>
  close(): Promise<void>
}

interface Known {
  bytes: number
  /** When the file was last seen on the disk: who tidies temporary folders does not ask. */
  seenAt: number
}

const mostBytes = 512 * 1024 * 1024
/** What a small one counts for with its copies, which bounds how many there are. */
const leastBytes = 12 * 1024
const lookAgain = 60_000
/** What is compressed already grows by it. */
const compressible = /\.(css|webmanifest|ico)$/

export function createBrandFiles(images: Images, now: () => number = Date.now, { most = mostBytes } = {}): BrandFiles {
  let root: Promise<string> | undefined
  const pathOf = async (path: string) => {
    root ??= onDisk(makeOwnFolder).catch((error) => {
      root = undefined
      throw error
    })
    return join(await root, path)
  }
  /** Under way: what is asked for again meanwhile waits, or the new file would go with the old one. */
  const removals = new Map<string, Promise<void>>()
  const remove = async (path: string) => removeWithCopies(await pathOf(path))
  const kept = new LRUCache<string, Known>({
    maxSize: most,
    sizeCalculation: ({ bytes }) => Math.max(bytes, leastBytes),
    dispose: (_known, path, reason) => {
      if (reason !== 'evict') return
      // What cannot be removed goes with the folder.
      const removal = remove(path).catch(() => {})
      removals.set(
        path,
        removal.finally(() => removals.delete(path)),
      )
    },
  })
  const flights = new Map<string, Promise<boolean>>()
  const inTurn = createBoundedQueue({ concurrency: 4, queue: 500 })
  const plannedIn = createPlans()

  const isThere = async (path: string) => {
    const known = kept.get(path)
    if (!known) return false
    if (now() - known.seenAt < lookAgain) return true
    const found = await access(await pathOf(path)).then(
      () => true,
      () => false,
    )
    if (found) known.seenAt = now()
    else kept.delete(path)
    return found
  }
  const produce = async (path: string, { name, making }: BrandFile, readAsset: AssetReader) => {
    // In turn: what is read for it is whole in memory.
    const bytes = await inTurn(() => makeBrandFile(making, readAsset, images))
    kept.set(path, { bytes: await write(await pathOf(path), name, bytes), seenAt: now() })
    return true
  }
  /** Whether it is there when it is over. */
  const once = async (path: string, work: () => Promise<boolean>) => {
    if (await isThere(path)) return true
    const fly = async () => {
      await removals.get(path)
      return work()
    }
    const flight = flights.get(path) ?? fly().finally(() => flights.delete(path))
    flights.set(path, flight)
    return flight
  }
  return {
    async find(site, name) {
      const { tenantId, storage } = site
      const path = join(tenantId, name)
      const found = await once(path, async () => {
        const file = (await plannedIn(site)).get(name)
        return file ? produce(path, file, createAssetReader(storage)) : false
      })
      return found ? { folder: await pathOf(tenantId), name } : undefined
    },
    async make({ tenantId, storage }, plan) {
      const readAsset = createAssetReader(storage)
      await Promise.all(
        [...plan.values()].map((file) => {
          const path = join(tenantId, file.name)
          return once(path, () => produce(path, file, readAsset))
        }),
      )
    },
    async close() {
      await Promise.allSettled([...flights.values(), ...removals.values()])
      if (root) await rm(await root, { recursive: true, force: true })
    },
  }
}

type Plans = ReadonlyMap<string, BrandFile>

const keptPlans = 200

/**
 * The files of a site's brands by name, kept by the version of the site: whoever asks for names that there are not costs nothing. Also of earlier brands, as
 * far as one can return to them: pages that were loaded before still ask for theirs.
 */
function createPlans(): (site: BrandSite) => Promise<Plans> {
  const kept = new LRUCache<string, Promise<Plans>>({ max: keptPlans })
  return ({ tenantId, version, db }) => {
    const key = `${tenantId} ${version}`
    const known = kept.get(key)
    if (known) return known
    const plans = readPlans(db)
    kept.set(key, plans)
    plans.catch(() => kept.delete(key))
    return plans
  }
}

async function readPlans(db: TenantDb): Promise<Plans> {
  const found = new Map<string, BrandFile>()
  for await (const brand of publishedBrands(db)) for (const file of planBrand(brand).values()) found.set(file.name, file)
  return found
}

/** The file last: once it is there its copies are too. Answers how many bytes they take. Where one cannot be written none is left. */
async function write(path: string, name: string, bytes: Uint8Array): Promise<number> {
  const copies = compressible.test(name) ? await compressedCopies(bytes) : []
  return onDisk(async () => {
    await mkdir(dirname(path), { recursive: true })
    try {
      for (const [suffix, copy] of [...copies, ['', bytes] as const]) await writeAt(path + suffix, copy)
    } catch (error) {
      await removeWithCopies(path)
      throw error
    }
    return copies.reduce((size, [, copy]) => size + copy.length, bytes.length)
  })
}

async function writeAt(path: string, bytes: Uint8Array): Promise<void> {
  const written = `${path}.${randomUUID()}`
  try {
    await writeFile(written, bytes)
    await rename(written, path)
  } catch (error) {
    await rm(written, { force: true })
    throw error
  }
}

async function removeWithCopies(path: string): Promise<void> {
  for (const extension of Object.values(codingExtensions)) await rm(path + extension, { force: true })
}
