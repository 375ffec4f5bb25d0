import { builtInRoles, operatorRole } from '../../tenancy/permissions.ts'
import type { Words } from './words.ts'

/** A built-in role as the visitor's language calls it; a site's own as the site does. */
export function sayRole({ roles }: Words, name: string): string {
  const slug = [...builtInRoles, operatorRole].find((role) => role.name === name)?.slug
  return Object.entries(roles).find(([known]) => known === slug)?.[1] ?? name
}
