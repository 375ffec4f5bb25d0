import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { refuseBeyondOwn } from './beyond-own.ts'
import { RoleParams, requireOwnRole } from './role.ts'
import { takeStaffTurn } from './staff-turn.ts'

export const removeRole = defineFlow({
  schema: {
    operationId: 'removeRole',
    summary: 'Remove a role that nobody has',
    tags: ['staff'],
    params: RoleParams,
    response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 503) },
  },
  async handler(request, reply) {
    await request.db.$transaction(async (tx) => {
      const held = await takeStaffTurn(tx, request, 'roles:write')
      const role = await requireOwnRole(tx, request.params.role)
      refuseBeyondOwn(held, role.permissions, 'ROLE_BEYOND_OWN')
      await refuseInUse(tx, role.id)
      await tx.role.deleteMany({ where: { id: role.id } })
      await recordEvent(tx, originOf(request), { action: 'role.removed', target: { kind: 'role', id: role.id } })
    })
    return reply.code(204).send(null)
  },
})

/** 409 ROLE_IN_USE with how many have it, deactivated members among them, and how many are invited to it. */
async function refuseInUse(tx: Pick<TenantDb, 'memberRole' | 'invitation'>, roleId: string): Promise<void> {
  const members = await tx.memberRole.count({ where: { roleId } })
  const invited = await tx.invitation.count({ where: { roleId, acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } } })
  if (members + invited === 0) return
  const message = `members who have it: ${members}; open invitations to it: ${invited}`
  throw problem('ROLE_IN_USE', { issues: [{ path: '/role', message }] })
}
