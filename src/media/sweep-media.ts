import { readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CronItem, Task } from 'graphile-worker'
import type { TenantDb } from '../db/client.ts'
import { isId } from '../security/random-token.ts'
import type { ObjectStorage } from '../storage/object-storage.ts'
import { type TenantStorage, tenantStorage, tenantsPrefix } from '../storage/tenant-storage.ts'
import { temporaryPrefix } from './check/check-media.ts'
import { removeObjects } from './discard-media.ts'
import { originalOf, variantOf } from './media.ts'
import { readVariants } from './variant.ts'

/** Nothing that is on its way takes so long: what is older was left behind. */
const patience = 24 * 60 * 60_000
const batch = 500

/** The same as a site's daily chore. */
export function mediaChore(objectStorage: ObjectStorage) {
  return {
    name: 'sweep media',
    run: (db: TenantDb, tenantId: string) => sweepMedia(db, tenantStorage(objectStorage, tenantId)),
  }
}

/** What processes that were killed, and a storage that was away, have left behind at a site. May be done again, and by two at once. */
export async function sweepMedia(db: TenantDb, storage: TenantStorage, now = Date.now()): Promise<void> {
  const before = new Date(now - patience)
  await sweepUploads(db, storage, before)
  await sweepObjects(db, storage, before)
  // Those whose job is gone are looked at again: a trigger queues it.
  await db.media.updateMany({ where: { status: 'checking', updatedAt: { lt: before } }, data: { status: 'checking' } })
}

/** Uploads that nobody completed: the row first, because one may be completed in this very moment; an object without one is swept the next time. */
async function sweepUploads(db: TenantDb, storage: TenantStorage, before: Date): Promise<void> {
  for (;;) {
    const rows = await db.media.findMany({
      where: { status: 'uploading', createdAt: { lt: before } },
      select: { id: true, upload: { select: { storageUpload: true } } },
      take: batch,
    })
    for (const { id, upload } of rows) {
      if (upload) await storage.parts.abort({ key: originalOf(id), id: upload.storageUpload })
      const { count } = await db.media.deleteMany({ where: { id, status: 'uploading' } })
      if (count > 0) await removeObjects(storage, id)
    }
    if (rows.length < batch) return
  }
}

/** Objects that no row names. Their row is asked for after they were seen: a row is made before its object. */
async function sweepObjects(db: TenantDb, storage: TenantStorage, before: Date): Promise<void> {
  let seen: string[] = []
  for await (const { key, modifiedAt } of storage.list('media/')) {
    if (modifiedAt < before) seen.push(key)
    if (seen.length < batch) continue
    await removeUnnamed(db, storage, seen)
    seen = []
  }
  await removeUnnamed(db, storage, seen)
}

async function removeUnnamed(db: TenantDb, storage: TenantStorage, keys: readonly string[]): Promise<void> {
  const ids = [...new Set(keys.map((key) => key.split('/')[1] ?? ''))].filter(isId)
  const rows = await db.media.findMany({ where: { id: { in: ids }, status: { not: 'refused' } }, select: { id: true, variants: true } })
  const named = new Set(rows.flatMap(({ id, variants }) => [originalOf(id), ...readVariants(variants).map(({ name }) => variantOf(id, name))]))
  const orphans = keys.filter((key) => !named.has(key))
  if (orphans.length > 0) await storage.remove(orphans)
}

/** Once a day for the whole storage, after the chores of the sites; with copies of files that a killed check left on this machine. */
export const sweepStorageCron: CronItem = {
  task: 'sweep-storage',
  identifier: 'sweep-storage',
  match: '47 4 * * *',
  options: { backfillPeriod: patience },
}

export function createSweepStorageTask(objectStorage: ObjectStorage): Task {
  return async () => {
    const before = new Date(Date.now() - patience)
    for (const name of await readdir(tmpdir())) {
      // What is another user's stays, and what has gone meanwhile is gone.
      if (name.startsWith(temporaryPrefix)) await removeIfOlder(join(tmpdir(), name), before).catch(() => {})
    }
    await objectStorage.sweep(before, tenantsPrefix)
  }
}

async function removeIfOlder(path: string, before: Date): Promise<void> {
  if ((await stat(path)).mtime < before) await rm(path, { recursive: true, force: true })
}
