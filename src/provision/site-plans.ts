import type { SiteTemplate } from '../content/site-template.ts'
import { cooperative } from '../content/site-templates/cooperative.ts'
import { municipality } from '../content/site-templates/municipality.ts'
import { builtInRoles, operatorRole, type RoleDefinition } from '../tenancy/permissions.ts'

/** A site that is to be filled by its people starts from none. */
export const siteTemplates: Readonly<Record<string, SiteTemplate>> = { municipality, cooperative }

/** What every tenant of a kind has. */
export const rolesOf: Readonly<Record<'site' | 'platform', readonly RoleDefinition[]>> = {
  site: builtInRoles,
  platform: [operatorRole, ...builtInRoles],
}
