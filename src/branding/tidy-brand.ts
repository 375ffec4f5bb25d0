import type { TenantDb } from '../db/client.ts'
import type { DailyChore } from '../jobs/daily.ts'
import type { ObjectStorage } from '../storage/object-storage.ts'
import { type TenantStorage, tenantStorage } from '../storage/tenant-storage.ts'
import { assetsInUse } from './assets/asset.ts'
import { assetKey } from './files/make-brand-file.ts'
import { takeBrandTurn } from './take-brand-turn.ts'

const day = 24 * 60 * 60_000
/** Long enough to add images today and choose among them next week. */
const unused = 7 * day

/** Images and fonts that no brand has used for a week go; and bytes that no row tells of, which an upload or a removal that broke off has left. */
export function createBrandChore(storage: ObjectStorage): DailyChore {
  return {
    name: 'brand',
    async run(db, tenantId) {
      await removeUnused(db, new Date(Date.now() - unused))
      await removeOrphans(db, tenantStorage(storage, tenantId), new Date(Date.now() - day))
    },
  }
}

/** Only the rows: their bytes are then orphans. */
async function removeUnused(db: TenantDb, before: Date): Promise<void> {
  await db.$transaction(async (tx) => {
    await takeBrandTurn(tx)
    const used = [...(await assetsInUse(tx))]
    await tx.brandAsset.deleteMany({ where: { id: { notIn: used }, createdAt: { lt: before } } })
  })
}

async function removeOrphans(db: TenantDb, storage: TenantStorage, before: Date): Promise<void> {
  const old: string[] = []
  for await (const { key, modifiedAt } of storage.list('brand/')) if (modifiedAt < before) old.push(key)
  // Read after the list: whoever is adding one writes the bytes first.
  const rows = await db.brandAsset.findMany({ select: { id: true } })
  const known = new Set(rows.map(({ id }) => assetKey(id)))
  const orphans = old.filter((key) => !known.has(key))
  if (orphans.length > 0) await storage.remove(orphans)
}
