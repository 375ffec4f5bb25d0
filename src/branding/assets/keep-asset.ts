import { type Origin, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { displayName } from '../../files/file-name.ts'
import type { Images, Recipe } from '../../files/images.ts'
import { newId } from '../../security/random-token.ts'
import type { BrandSite } from '../files/brand-files.ts'
import { assetKey } from '../files/make-brand-file.ts'
import { takeBrandTurn } from '../take-brand-turn.ts'
import { assetFields, mostAssets } from './asset.ts'

export interface NewFile {
  bytes: Uint8Array
  /** As its sender calls it. */
  name: string
}

/** As large as any use of it asks for, twice over. */
const keptBox = { fit: 'inside', width: 2048, height: 2048 } as const
const lossy = new Set(['image/jpeg', 'image/webp', 'image/avif'])

/** Keeps a picture as it is made anew: what somebody sent is never handed out. Throws an ImageRefusal. */
export async function keepImage(site: BrandSite, images: Images, { bytes, name }: NewFile, origin: Origin) {
  const { type } = await images.inspect(bytes)
  const recipe: Recipe = lossy.has(type) ? { format: 'webp', quality: 92, ...keptBox } : { format: 'png', ...keptBox }
  const made = await images.render(bytes, recipe)
  const { width, height } = made
  const kind = { kind: 'image', contentType: `image/${recipe.format}`, extension: recipe.format }
  return keep(site, { ...kind, bytes: made.bytes, name, width, height }, origin)
}

/** WOFF2, section 4.1: signature, flavour, length of the whole file. What is inside it is for browsers, which trust no font. */
export async function keepFont(site: BrandSite, { bytes, name }: NewFile, origin: Origin) {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 48))
  const isWhole = head.length === 48 && head.toString('latin1', 0, 4) === 'wOF2' && head.readUInt32BE(8) === bytes.length
  if (!isWhole) throw problem('FONT_REFUSED')
  return keep(site, { kind: 'font', contentType: 'font/woff2', extension: 'woff2', bytes, name, width: null, height: null }, origin)
}

interface Made extends NewFile {
  kind: string
  contentType: string
  extension: string
  width: number | null
  height: number | null
}

/** First the bytes, then the row: there is no row without them. */
async function keep({ tenantId, db, storage }: BrandSite, { bytes, name, extension, ...made }: Made, origin: Origin) {
  const id = newId()
  await refuseFull(db)
  await storage.put(assetKey(id), bytes, { contentType: made.contentType })
  const data = { ...made, tenantId, id, name: displayName(name, extension), size: bytes.length }
  try {
    return await db.$transaction(async (tx) => {
      await takeBrandTurn(tx)
      await refuseFull(tx)
      await recordEvent(tx, origin, { action: 'brand.asset-added', target: { kind: 'brand-asset', id }, details: { kind: made.kind } })
      return tx.brandAsset.create({ data, select: assetFields })
    })
  } catch (error) {
    // What is left where this fails too is removed by the daily chore.
    await storage.remove([assetKey(id)]).catch(() => {})
    throw error
  }
}

async function refuseFull(db: Pick<TenantDb, 'brandAsset'>): Promise<void> {
  if ((await db.brandAsset.count()) >= mostAssets) throw problem('BRAND_ASSETS_FULL')
}
