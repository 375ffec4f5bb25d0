import { randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { keepImage } from '../src/branding/assets/keep-asset.ts'
import { createBrandFiles } from '../src/branding/files/brand-files.ts'
import { publishBrand } from '../src/branding/publications/publish-brand.ts'
import { loadConfig } from '../src/config.ts'
import { openDatabase } from '../src/db/client.ts'
import { createImages } from '../src/files/images.ts'
import { openStorage } from '../src/storage/open-storage.ts'
import { tenantStorage } from '../src/storage/tenant-storage.ts'
import { readPublishedBrand } from '../src/tenancy/brand/published-brand.ts'
import type { Row } from './report.ts'
import { median, type Pace } from './rounds.ts'
import type { World } from './world.ts'

/** From the wish to the moment when it is in force: every file made and compressed, the mails' logo too, and the transaction. */
export async function measureBrand({ rounds }: Pace, { env, seeded }: World): Promise<Row[]> {
  const config = loadConfig(env)
  const { url, poolMode: mode } = config.database
  const database = openDatabase({ url, mode, max: 2, onError: () => {} })
  const storage = await openStorage(config.storage)
  const images = createImages()
  const brandFiles = createBrandFiles(images)
  const tenantId = seeded.tenantIds[0] ?? ''
  const site = { tenantId, version: 0, db: database.forTenant(tenantId), storage: tenantStorage(storage, tenantId) }
  const origin = { tenantId, actor: { kind: 'system' } } as const
  const brand = await readPublishedBrand(site.db)
  if (!brand) throw new Error('the first tenant has no brand')
  const times: number[] = []
  let size = 0
  for (let round = 0; round < rounds + 1; round++) {
    const bytes = await logoOfTwoMegabytes()
    size = bytes.length
    const { id: logo } = await keepImage(site, images, { bytes, name: 'logo.png' }, origin)
    const spec = { ...brand.spec, images: { logo, mark: logo, favicon: null, social: logo } }
    const before = performance.now()
    await publishBrand(site, { images, brandFiles }, { spec, note: '', returnedTo: null, origin })
    // The first loads the library.
    if (round > 0) times.push((performance.now() - before) / 1_000)
  }
  await brandFiles.close()
  await storage.close()
  await database.close()
  const seconds = median(times)
  return [
    {
      what: `publish of a brand with a logo of ${(size / 1_000_000).toFixed(1)} MB, sign and social image too`,
      ours: `${seconds.toFixed(2)} s`,
      baseline: '',
      measured: seconds,
      unit: 's',
      wanted: { atMost: 1.5 },
    },
  ]
}

/** Of noise, which no format makes smaller. */
function logoOfTwoMegabytes(): Promise<Buffer> {
  const [width, height] = [1_000, 680]
  return sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}
