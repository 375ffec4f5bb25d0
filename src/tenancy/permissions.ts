/** Everything a role can be allowed, as `area:verb`. */
export const permissions = [
  'site:read',
  'site:write',
  'members:read',
  'members:write',
  'roles:read',
  'roles:write',
  'content:read',
  'content:write',
  'content:publish',
  'media:read',
  'media:write',
  'mail:read',
  'mail:write',
  'keys:write',
  'audit:read',
] as const

export type Permission = (typeof permissions)[number]

/** Only the platform's own staff can hold these; they act on the hub, not on a site. */
export const platformPermissions = ['tenants:read', 'tenants:write', 'operators:write'] as const

export interface RoleDefinition {
  slug: string
  name: string
  permissions: readonly string[]
}

/** The roles every site begins with. A site adds its own beside them. */
export const builtInRoles: readonly RoleDefinition[] = [
  { slug: 'owner', name: 'Owner', permissions },
  { slug: 'admin', name: 'Administrator', permissions: permissions.filter((permission) => permission !== 'keys:write') },
  { slug: 'editor', name: 'Editor', permissions: ['site:read', 'content:read', 'content:write', 'content:publish', 'media:read', 'media:write'] },
  { slug: 'member', name: 'Member', permissions: [] },
]

/** The platform's own. */
export const operatorRole: RoleDefinition = { slug: 'operator', name: 'Operator', permissions: [...permissions, ...platformPermissions] }
