import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { refuseBeyondOwn } from './beyond-own.ts'
import { Role, RoleName, RoleParams, RolePermissions, refusePlatformPermissions, requireOwnRole, shapeRole } from './role.ts'
import { takeStaffTurn } from './staff-turn.ts'

export const changeRole = defineFlow({
  schema: {
    operationId: 'changeRole',
    summary: 'Change the name of a role, or what it allows',
    description: 'Acts at once for everybody who has it.',
    tags: ['staff'],
    params: RoleParams,
    body: Type.Object(
      { name: Type.Optional(RoleName), permissions: Type.Optional(RolePermissions) },
      { additionalProperties: false, minProperties: 1 },
    ),
    response: { 200: Role, ...problems(400, 401, 403, 404, 409, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { db, tenant, body, params } = request
    refusePlatformPermissions(tenant, body.permissions ?? [])
    reply.header('cache-control', 'no-store')
    return db.$transaction(async (tx) => {
      const held = await takeStaffTurn(tx, request, 'roles:write')
      const role = await requireOwnRole(tx, params.role)
      // Of before as well: who holds less must not take from those who hold more.
      for (const asked of [role.permissions, body.permissions ?? []]) refuseBeyondOwn(held, asked, 'ROLE_BEYOND_OWN')
      await tx.role.updateMany({ where: { id: role.id }, data: body })
      const target = { kind: 'role', id: role.id }
      const details = { changed: Object.keys(body), ...(body.permissions ? { before: role.permissions, permissions: body.permissions } : {}) }
      await recordEvent(tx, originOf(request), { action: 'role.changed', target, details })
      return shapeRole({ ...role, ...body })
    })
  },
})
