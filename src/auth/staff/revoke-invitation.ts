import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { refuseBeyondOwn } from './beyond-own.ts'
import { InvitationParams, requireOpenInvitation, voidLinks } from './invitation.ts'
import { takeStaffTurn } from './staff-turn.ts'

export const revokeInvitation = defineFlow({
  schema: {
    operationId: 'revokeInvitation',
    summary: 'Take an invitation back: its link is worth nothing any more',
    tags: ['staff'],
    params: InvitationParams,
    response: { 204: Type.Null(), ...problems(401, 403, 404, 503) },
  },
  async handler(request, reply) {
    await request.db.$transaction(async (tx) => {
      const held = await takeStaffTurn(tx, request, 'members:write')
      const { id, emailKey, rolePermissions } = await requireOpenInvitation(tx, request.params.invitation)
      refuseBeyondOwn(held, rolePermissions, 'ROLE_BEYOND_OWN')
      await voidLinks(tx, emailKey)
      await tx.invitation.updateMany({ where: { id }, data: { revokedAt: new Date() } })
      await recordEvent(tx, originOf(request), { action: 'invitation.revoked', target: { kind: 'invitation', id } })
    })
    return reply.code(204).send(null)
  },
})
