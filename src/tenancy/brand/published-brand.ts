import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { TenantDb } from '../../db/client.ts'
import type { Brand, BrandImages } from './brand-plan.ts'
import { type BrandSpec, readSpec } from './brand-spec.ts'

/** The columns that it takes to know a site's brand. */
export const brandFields = {
  name: true,
  locale: true,
  timeZone: true,
  contactEmail: true,
  brand: {
    select: {
      shortName: true,
      tagline: true,
      primaryColor: true,
      accentColor: true,
      surfaceColor: true,
      textColor: true,
      publication: { select: { number: true, spec: true, images: true } },
    },
  },
} as const

interface BrandColumns {
  shortName: string
  tagline: string
  primaryColor: string
  accentColor: string
  surfaceColor: string
  textColor: string
}

export interface SiteRow {
  name: string
  locale: string
  timeZone: string
  contactEmail: string | null
  brand: (BrandColumns & { publication: { number: number; spec: unknown; images: unknown } | null }) | null
}

export interface PublishedBrand extends Brand {
  /** 0 where nobody has published one yet: then it is what the site was made with. */
  number: number
}

/** Undefined where the site has no profile yet. */
export async function readPublishedBrand(db: Pick<TenantDb, 'site'>): Promise<PublishedBrand | undefined> {
  const site = await db.site.findFirst({ select: brandFields })
  return site ? brandOf(site) : undefined
}

export function brandOf(site: SiteRow): PublishedBrand | undefined {
  if (!site.brand) return undefined
  const { publication, ...columns } = site.brand
  if (!publication) return { number: 0, spec: specOf(site, columns), images: {} }
  return { number: publication.number, ...readPublication(publication) }
}

export function readPublication({ spec, images }: { spec: unknown; images: unknown }): Brand {
  return { spec: readSpec(spec), images: readImages(images) }
}

function specOf({ name, locale, timeZone, contactEmail }: SiteRow, brand: BrandColumns): BrandSpec {
  const { shortName, tagline, primaryColor: primary, accentColor: accent, surfaceColor: surface, textColor: text } = brand
  return {
    name,
    shortName,
    tagline,
    locale,
    timeZone,
    colors: { light: { primary, accent, surface, text }, dark: null },
    fonts: { heading: { stack: 'system' }, body: { stack: 'system' } },
    images: { logo: null, mark: null, favicon: null, social: null },
    legal: { privacy: null, terms: null, imprint: null },
    contact: { email: contactEmail, phone: null, address: null },
  }
}

const KeptImage = Type.Optional(Type.Object({ asset: Type.String(), width: Type.Integer(), height: Type.Integer() }))
const keptImages = Compile(Type.Object({ logo: KeptImage, mark: KeptImage, favicon: KeptImage, social: KeptImage }))

/** Throws a TypeError for what is none: nothing else is ever written there. */
function readImages(kept: unknown): BrandImages {
  if (!keptImages.Check(kept)) throw new TypeError('the images of a brand that is kept are malformed')
  return kept
}
