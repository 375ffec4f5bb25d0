import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { newId } from '../../security/random-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { builtInRoles, operatorRole } from '../../tenancy/permissions.ts'
import { refuseBeyondOwn } from './beyond-own.ts'
import { RoleSlug } from './member.ts'
import { Role, RoleName, RolePermissions, refusePlatformPermissions, shapeRole } from './role.ts'
import { takeStaffTurn } from './staff-turn.ts'

/** Of a site, beside those that every site has. */
const mostRoles = 50
const ourSlugs = [operatorRole, ...builtInRoles].map(({ slug }) => slug)

export const createRole = defineFlow({
  schema: {
    operationId: 'createRole',
    summary: 'Add a role to this site',
    description: 'It can allow what the roles of its maker do, and no more.',
    tags: ['staff'],
    body: Type.Object({ slug: RoleSlug, name: RoleName, permissions: RolePermissions }, { additionalProperties: false }),
    response: { 201: Role, ...problems(400, 401, 403, 404, 409, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { db, tenant, body } = request
    refusePlatformPermissions(tenant, body.permissions)
    const row = { ...body, tenantId: tenant.id, id: newId(), builtIn: false }
    await db.$transaction(async (tx) => {
      const held = await takeStaffTurn(tx, request, 'roles:write')
      refuseBeyondOwn(held, body.permissions, 'ROLE_BEYOND_OWN')
      if ((await tx.role.count({ where: { builtIn: false } })) >= mostRoles) throw problem('ROLE_LIMIT')
      // Also where a site has none of that name: what is called like a role of ours has to be one.
      if (ourSlugs.includes(body.slug)) throw problem('ROLE_EXISTS')
      const { count } = await tx.role.createMany({ data: [row], skipDuplicates: true })
      if (count === 0) throw problem('ROLE_EXISTS')
      const details = { permissions: body.permissions }
      await recordEvent(tx, originOf(request), { action: 'role.created', target: { kind: 'role', id: row.id }, details })
    })
    reply.code(201).header('cache-control', 'no-store')
    return shapeRole(row)
  },
})
