import { isDeepStrictEqual } from 'node:util'
import { type Origin, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import type { Images } from '../../files/images.ts'
import { planBrand } from '../../tenancy/brand/brand-plan.ts'
import type { BrandSpec } from '../../tenancy/brand/brand-spec.ts'
import { readPublishedBrand } from '../../tenancy/brand/published-brand.ts'
import { readablePalette } from '../../tenancy/brand/readable-palette.ts'
import { checkSpec, imagesOf } from '../draft/check-spec.ts'
import type { BrandFiles, BrandSite } from '../files/brand-files.ts'
import { createAssetReader } from '../files/make-brand-file.ts'
import { takeBrandTurn } from '../take-brand-turn.ts'
import { mailLogo } from './mail-logo.ts'

/** One can return to so many. */
export const keptPublications = 50

export interface PublishTools {
  images: Images
  brandFiles: BrandFiles
}

export interface Wish {
  spec: BrandSpec
  note: string
  /** The publication whose brand it is again. */
  returnedTo: number | null
  origin: Origin
  /** Looks whether it is still to be done, in the transaction that does it. */
  confirm?: (tx: Pick<TenantDb, 'brandDraft'>) => Promise<void>
}

type Transaction = Parameters<Parameters<TenantDb['$transaction']>[0]>[0]

/** Puts a brand in force: pages, mails and what is public show it from then on, all at once. Answers its number. */
export async function publishBrand(site: BrandSite, { images, brandFiles }: PublishTools, wish: Wish): Promise<number> {
  const { db, storage, tenantId } = site
  const { spec, note, returnedTo, origin } = wish
  await checkSpec(db, spec, '')
  const found = await imagesOf(db, spec)
  // Made before anybody is told of them, and outside the transaction.
  await brandFiles.make(site, planBrand({ spec, images: found }))
  const logoPng = found.logo ? await mailLogo(images, await createAssetReader(storage)(found.logo.asset)) : null
  return db.$transaction(async (tx: Transaction) => {
    await takeBrandTurn(tx)
    await wish.confirm?.(tx)
    // An image may have gone meanwhile.
    await checkSpec(tx, spec, '')
    const before = await readPublishedBrand(tx)
    const last = await tx.brandPublication.findFirst({ orderBy: { number: 'desc' }, select: { number: true } })
    const number = (last?.number ?? 0) + 1
    const publishedBy = origin.actor.id ?? null
    await tx.brandPublication.create({ data: { tenantId, number, spec, images: { ...found }, note, returnedTo, publishedBy } })
    await tx.site.updateMany({ data: { name: spec.name, locale: spec.locale, timeZone: spec.timeZone, contactEmail: spec.contact.email } })
    await tx.brand.updateMany({ data: { ...columnsOf(spec), logoPng: logoPng && new Uint8Array(logoPng), publicationId: number } })
    await tx.brandPublication.deleteMany({ where: { number: { lte: number - keptPublications } } })
    const action = returnedTo === null ? 'brand.published' : 'brand.returned'
    await recordEvent(tx, origin, {
      action,
      details: { number, changed: differing(before?.spec, spec), ...(returnedTo === null ? {} : { returnedTo }) },
    })
    return number
  })
}

/** Parts of the brand that are others now, by name: where the forms of a site are read is among them. */
function differing(before: BrandSpec | undefined, after: BrandSpec): string[] {
  return Object.keys(after).filter((part) => !isDeepStrictEqual(Reflect.get(before ?? {}, part), Reflect.get(after, part)))
}

/** What mails and the parts of the service that know no more than a few colours go by: readable ones. */
function columnsOf({ shortName, tagline, colors }: BrandSpec) {
  const { primary: primaryColor, accent: accentColor, surface: surfaceColor, text: textColor } = readablePalette(colors.light, '').palette
  return { shortName, tagline, primaryColor, accentColor, surfaceColor, textColor }
}
