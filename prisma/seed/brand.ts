import { readFile } from 'node:fs/promises'
import { keepImage } from '../../src/branding/assets/keep-asset.ts'
import type { BrandFiles, BrandSite } from '../../src/branding/files/brand-files.ts'
import { publishBrand } from '../../src/branding/publications/publish-brand.ts'
import type { Images } from '../../src/files/images.ts'
import { readPublishedBrand } from '../../src/tenancy/brand/published-brand.ts'

export interface BrandTools {
  images: Images
  brandFiles: BrandFiles
}

/** Publishes the site's first brand, with a sign of it. Once: whoever has published one decides. `logo`: file of `logos`. */
export async function ensureBrand(site: BrandSite, tools: BrandTools, logo: string): Promise<void> {
  const brand = await readPublishedBrand(site.db)
  if (!brand || brand.number > 0) return
  const origin = { tenantId: site.tenantId, actor: { kind: 'system' } } as const
  const bytes = await readFile(new URL(`../logos/${logo}`, import.meta.url))
  const { id } = await keepImage(site, tools.images, { bytes, name: logo }, origin)
  const images = { ...brand.spec.images, logo: id, mark: id }
  await publishBrand(site, tools, { spec: { ...brand.spec, images }, note: '', returnedTo: null, origin })
}
