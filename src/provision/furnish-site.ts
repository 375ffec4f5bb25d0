import { ensureRoles } from '../auth/account/create-member.ts'
import { newSigningKey } from '../auth/keys/signing-keys.ts'
import { applySiteTemplate } from '../content/apply-site-template.ts'
import type { SampleEntry, SiteTemplate } from '../content/site-template.ts'
import type { TenantDb } from '../db/client.ts'
import type { SecretBox } from '../security/secret-box.ts'
import type { RoleDefinition } from '../tenancy/permissions.ts'

/** What a site begins with. */
export interface Furniture {
  site: { name: string; locale: string; timeZone: string; contactEmail?: string }
  brand: { shortName: string; tagline: string; primaryColor: string; accentColor: string; surfaceColor: string; textColor: string }
  /** That every site of its kind has. */
  roles: readonly RoleDefinition[]
  content?: { template: SiteTemplate; samples: readonly SampleEntry[] } | undefined
}

export type FurnishTx = Pick<TenantDb, 'site' | 'signingKey' | 'role' | 'collection' | 'entry'>

/** Adds what the tenant lacks and changes nothing that is there. In a transaction of the caller's. Answers whether it had no profile yet. */
export async function furnishSite(tx: FurnishTx, box: SecretBox, tenantId: string, { site, brand, roles, content }: Furniture): Promise<boolean> {
  const isNew = (await tx.site.count()) === 0
  if (isNew) await tx.site.create({ data: { tenantId, ...site, brand: { create: brand } } })
  if ((await tx.signingKey.count()) === 0) await tx.signingKey.create({ data: newSigningKey(box, tenantId) })
  await ensureRoles(tx, tenantId, roles, true)
  if (content) {
    await ensureRoles(tx, tenantId, content.template.roles, false)
    await applySiteTemplate(tx, tenantId, content.template, content.samples)
  }
  return isNew
}
