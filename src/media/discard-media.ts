import type { FastifyBaseLogger } from 'fastify'
import type { TenantDb } from '../db/client.ts'
import type { TenantStorage } from '../storage/tenant-storage.ts'
import { folderOf } from './media.ts'

export interface Whereabouts {
  db: TenantDb
  storage: TenantStorage
  log: Pick<FastifyBaseLogger, 'warn'>
}

/**
 * Undoes an upload that came to nothing: the object first, then the row, so that at no moment something is kept that no row tells of. Where the
 * storage is away the row stays, and the daily sweep does both.
 */
export async function discardMedia({ db, storage, log }: Whereabouts, id: string): Promise<void> {
  try {
    await removeObjects(storage, id)
    await db.media.deleteMany({ where: { id, status: 'uploading' } })
  } catch (err) {
    log.warn({ err, media: id }, 'an upload that failed could not be tidied up; the daily sweep will')
  }
}

/** Everything that is kept of a file. */
export async function removeObjects(storage: TenantStorage, id: string): Promise<void> {
  const keys = (await Array.fromAsync(storage.list(folderOf(id)))).map(({ key }) => key)
  if (keys.length > 0) await storage.remove(keys)
}
