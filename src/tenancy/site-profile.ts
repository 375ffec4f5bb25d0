import { type Static, Type } from 'typebox'
import type { Config } from '../config.ts'
import type { TenantDb } from '../db/client.ts'
import { problem } from '../errors.ts'
import { canonicalOrigin } from './canonical-origin.ts'
import type { Tenant } from './directory.ts'

const Colour = Type.String({ pattern: '^#[0-9a-f]{6}$', maxLength: 7 })

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
        shortName: Type.String({ maxLength: 60 }),
        tagline: Type.String({ maxLength: 200 }),
        colors: Type.Object({ primary: Colour, accent: Colour, surface: Colour, text: Colour }, { additionalProperties: false }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)
export type SiteProfile = Static<typeof SiteProfile>

export async function readSiteProfile(db: TenantDb, tenant: Tenant, publicOrigin: Config['publicOrigin']): Promise<SiteProfile> {
  const site = await db.site.findFirst({ include: { brand: true } })
  if (!site?.brand) throw problem('TENANT_UNKNOWN')
  const { shortName, tagline, primaryColor, accentColor, surfaceColor, textColor } = site.brand
  return {
    slug: tenant.slug,
    name: site.name,
    origin: canonicalOrigin(tenant, publicOrigin),
    locale: site.locale,
    timeZone: site.timeZone,
    brand: { shortName, tagline, colors: { primary: primaryColor, accent: accentColor, surface: surfaceColor, text: textColor } },
  }
}
