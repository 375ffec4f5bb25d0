import { buffer } from 'node:stream/consumers'
import type { Images } from '../../files/images.ts'
import type { TenantStorage } from '../../storage/tenant-storage.ts'
import type { Making } from '../../tenancy/brand/brand-plan.ts'
import { iconFile } from './icon-file.ts'

/** Where the bytes of an asset are. */
export function assetKey(id: string): string {
  return `brand/${id}`
}

export type AssetReader = (id: string) => Promise<Uint8Array>

/** Reads an asset whole; one after the other asks for the same few, so they are read once for as long as this lives. */
export function createAssetReader(storage: Pick<TenantStorage, 'read'>): AssetReader {
  const known = new Map<string, Promise<Uint8Array>>()
  const read = async (id: string) => {
    const found = await storage.read(assetKey(id))
    if (!found) throw new Error(`the storage has lost ${assetKey(id)}`)
    return buffer(found.stream)
  }
  return (id) => {
    const asked = known.get(id) ?? read(id)
    known.set(id, asked)
    return asked
  }
}

/** The bytes of one file of a brand. */
export async function makeBrandFile(making: Making, readAsset: AssetReader, images: Images): Promise<Uint8Array> {
  if (making.is === 'text') return Buffer.from(making.text)
  const asset = await readAsset(making.asset)
  if (making.is === 'font') return asset
  if (making.is === 'image') return (await images.render(asset, making.recipe)).bytes
  return iconFile(await Promise.all(making.recipes.map((recipe) => images.render(asset, recipe))))
}
