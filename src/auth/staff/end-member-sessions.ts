import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { voidChallenges, waysIn } from '../account/void-challenges.ts'
import { endAllSessions } from '../sessions/session-store.ts'
import { MemberParams, memberToChange } from './member.ts'

export const endMemberSessions = defineFlow({
  schema: {
    operationId: 'endMemberSessions',
    summary: 'End every session of a member, who may sign in again',
    tags: ['staff'],
    params: MemberParams,
    response: { 204: Type.Null(), ...problems(401, 403, 404, 503) },
  },
  async handler(request, reply) {
    await request.db.$transaction(async (tx) => {
      const { member } = await memberToChange(tx, request, request.params.member)
      await endAllSessions(tx, member.id)
      await voidChallenges(tx, member.id, waysIn)
      await recordEvent(tx, originOf(request), { action: 'session.all-ended', target: { kind: 'member', id: member.id } })
    })
    return reply.code(204).send(null)
  },
})
