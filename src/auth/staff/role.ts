import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { permissions, platformPermissions } from '../../tenancy/permissions.ts'
import { RoleSlug } from './member.ts'

const strict = { additionalProperties: false }

export const PermissionName = Type.Enum([...permissions, ...platformPermissions], { type: 'string' })
export const RoleName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^(?=.*[\\p{L}\\p{N}])[^\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]{1,100}$',
  description: 'One line',
})
export const RolePermissions = Type.Array(PermissionName, { maxItems: permissions.length + platformPermissions.length, uniqueItems: true })
export const RoleParams = Type.Object({ role: Type.String({ maxLength: 63 }) })

export const Role = Type.Object(
  {
    slug: RoleSlug,
    name: Type.String({ maxLength: 200 }),
    permissions: Type.Array(Type.String({ maxLength: 63 }), { description: '`area:verb`' }),
    builtIn: Type.Boolean({ description: 'Every site has it; it can be neither changed nor removed' }),
  },
  strict,
)

export interface RoleRow {
  id: string
  slug: string
  name: string
  permissions: string[]
  builtIn: boolean
}

export const roleFields = { id: true, slug: true, name: true, permissions: true, builtIn: true } as const

/** 404 ROLE_UNKNOWN, and 409 ROLE_BUILT_IN for those that every site relies on. */
export async function requireOwnRole(tx: Pick<TenantDb, 'role'>, slug: string): Promise<RoleRow> {
  const role = await tx.role.findFirst({ where: { slug }, select: roleFields })
  if (!role) throw problem('ROLE_UNKNOWN')
  if (role.builtIn) throw problem('ROLE_BUILT_IN')
  return role
}

/** 400 where a site's role would be allowed what is for the hub's own staff alone. */
export function refusePlatformPermissions({ kind }: Pick<Tenant, 'kind'>, asked: readonly string[]): void {
  const beyond: readonly string[] = kind === 'platform' ? [] : platformPermissions
  const issues = asked.flatMap((permission, at) =>
    beyond.includes(permission) ? [{ path: `/permissions/${at}`, message: 'is not for a site' }] : [],
  )
  if (issues.length > 0) throw problem('REQUEST_INVALID', { issues })
}

/** A slug of ours says more in the audit log; one that somebody made up may say anything, so there its id stands. */
export function nameInLog({ id, slug, builtIn }: Pick<RoleRow, 'id' | 'slug' | 'builtIn'>): string {
  return builtIn ? slug : id
}

export function shapeRole({ slug, name, permissions: allowed, builtIn }: RoleRow): Static<typeof Role> {
  return { slug, name, permissions: allowed, builtIn }
}
