import type { Config } from '../../config.ts'
import type { TenantDb } from '../../db/client.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { readSiteProfile, type SiteProfile } from '../../tenancy/site-profile.ts'

/** The site as its mails show it. */
export interface MailSite extends Omit<SiteProfile, 'brand'> {
  brand: Pick<SiteProfile['brand'], 'shortName' | 'tagline' | 'colors'>
  /** PNG; mail programs show no SVG. */
  logo: Uint8Array | undefined
}

export async function readMailSite(db: TenantDb, tenant: Tenant, publicOrigin: Config['publicOrigin']): Promise<MailSite> {
  const profile = await readSiteProfile(db, tenant, publicOrigin)
  const brand = await db.brand.findFirst({ select: { logoPng: true } })
  return { ...profile, logo: brand?.logoPng ?? undefined }
}
