import { Type } from 'typebox'
import { Prisma } from '../../db/generated/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { MailLanguage, mailLanguage } from '../account/mail-language.ts'
import { refuseBeyondOwn } from './beyond-own.ts'
import { Invitation, InvitationParams, requireOpenInvitation, selectInvitations, shapeInvitation } from './invitation.ts'
import { countInvitation, refuseWhenClosed, sendInvitation } from './send-invitation.ts'
import { takeStaffTurn } from './staff-turn.ts'

export const sendInvitationAgain = defineFlow({
  schema: {
    operationId: 'sendInvitationAgain',
    summary: 'Send an open invitation once more, for another 72 hours, in the name of the caller',
    tags: ['staff'],
    params: InvitationParams,
    body: Type.Optional(Type.Object({ language: MailLanguage }, { additionalProperties: false })),
    response: { 200: Invitation, ...problems(400, 401, 403, 404, 409, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { db, params } = request
    await refuseWhenClosed(request)
    await countInvitation(request, (await requireOpenInvitation(db, params.invitation)).emailKey)
    const language = await mailLanguage(request, request.body?.language)
    reply.header('cache-control', 'no-store')
    return db.$transaction(async (tx) => {
      const held = await takeStaffTurn(tx, request, 'members:write')
      const found = await requireOpenInvitation(tx, params.invitation)
      refuseBeyondOwn(held, found.rolePermissions, 'ROLE_BEYOND_OWN')
      if (await tx.member.findFirst({ where: { emailKey: found.emailKey }, select: { id: true } })) throw problem('MEMBER_EXISTS')
      await sendInvitation(tx, request, { ...found, language })
      const [sent = found] = await selectInvitations(tx, Prisma.sql`i.id = ${found.id}::uuid`, 1)
      return shapeInvitation(sent)
    })
  },
})
