import type { FastifyBaseLogger } from 'fastify'
import type { TenantDb } from '../db/client.ts'
import type { TenantStorage } from '../storage/tenant-storage.ts'
import { within } from '../within.ts'
import { folderOf } from './media.ts'

export interface Whereabouts {
  db: TenantDb
  storage: TenantStorage
  log: Pick<FastifyBaseLogger, 'warn'>
}

/** Milliseconds: whoever waits for the answer that it came to nothing may have waited for a storage that is away already. */
const tidying = 5_000

/**
 * Undoes an upload that came to nothing: the row first, and what is kept of it only where there was one. It may have gone on all the same: the answer that
 * said so was lost. What stays where the storage is away no row tells of, and the daily sweep removes it.
 */
export async function discardMedia({ db, storage, log }: Whereabouts, id: string): Promise<void> {
  try {
    const { count } = await db.media.deleteMany({ where: { id, status: 'uploading' } })
    if (count > 0) await within(tidying, removeObjects(storage, id), () => new Error('the storage has not answered yet'))
  } catch (err) {
    log.warn({ err, media: id }, 'an upload that failed is not tidied up yet; what is left of it the daily sweep removes')
  }
}

/** Everything that is kept of a file. */
export async function removeObjects(storage: TenantStorage, id: string): Promise<void> {
  const keys = (await Array.fromAsync(storage.list(folderOf(id)))).map(({ key }) => key)
  if (keys.length > 0) await storage.remove(keys)
}
