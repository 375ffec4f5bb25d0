import { type Static, Type } from 'typebox'
import type { Config } from '../config.ts'
import type { TenantDb } from '../db/client.ts'
import { problem } from '../errors.ts'
import { addressIn, type BrandRole, fitInto, logoFileBox, planBrand } from './brand/brand-plan.ts'
import { BrandSpec, Palette } from './brand/brand-spec.ts'
import { readPublishedBrand } from './brand/published-brand.ts'
import { readablePalette } from './brand/readable-palette.ts'
import { canonicalOrigin } from './canonical-origin.ts'
import type { Tenant } from './directory.ts'

const strict = { additionalProperties: false }
const Address = Type.Union([Type.String({ maxLength: 200 }), Type.Null()], {
  description: "From the site's origin; it changes with what it names, so it may be kept for ever",
})

/** What everybody may know of a site. */
export const SiteProfile = Type.Object(
  {
    slug: Type.String({ maxLength: 63 }),
    name: Type.String({ maxLength: 200 }),
    origin: Type.String({ maxLength: 300, description: 'Canonical origin: issuer of tokens, base of links' }),
    locale: Type.String({ maxLength: 35, description: 'BCP 47' }),
    timeZone: Type.String({ maxLength: 64, description: 'IANA name' }),
    brand: Type.Object(
      {
        publication: Type.Integer({ minimum: 0, description: '0: what the site was made with' }),
        shortName: Type.String({ maxLength: 60 }),
        tagline: Type.String({ maxLength: 200 }),
        colors: Palette,
        dark: Type.Union([Palette, Type.Null()]),
        theme: Address,
        manifest: Address,
        logo: Type.Union([
          Type.Object({ address: Type.String({ maxLength: 200 }), width: Type.Integer(), height: Type.Integer() }, strict),
          Type.Null(),
        ]),
        icon: Address,
        social: Address,
        legal: BrandSpec.properties.legal,
        contact: BrandSpec.properties.contact,
      },
      strict,
    ),
  },
  strict,
)
export type SiteProfile = Static<typeof SiteProfile>

export async function readSiteProfile(db: TenantDb, tenant: Tenant, publicOrigin: Config['publicOrigin']): Promise<SiteProfile> {
  const brand = await readPublishedBrand(db)
  if (!brand) throw problem('TENANT_UNKNOWN')
  const { name, shortName, tagline, locale, timeZone, colors, legal, contact } = brand.spec
  const plan = planBrand(brand)
  const address = (role: BrandRole) => addressIn(plan, role) ?? null
  const { logo } = brand.images
  return {
    slug: tenant.slug,
    name,
    origin: canonicalOrigin(tenant, publicOrigin),
    locale,
    timeZone,
    brand: {
      publication: brand.number,
      shortName,
      tagline,
      colors: shown(colors.light),
      dark: colors.dark && shown(colors.dark),
      theme: address('theme'),
      manifest: address('manifest'),
      logo: logo ? { address: address('logo') ?? '', ...fitInto(logo, logoFileBox) } : null,
      icon: address('icon-192'),
      social: address('social'),
      legal,
      contact,
    },
  }
}

/** The colours as pages show them. */
function shown(chosen: Palette): Palette {
  const { primary, accent, surface, text } = readablePalette(chosen, '').palette
  return { primary, accent, surface, text }
}
