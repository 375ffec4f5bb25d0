import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { MemberName } from '../account/account-fields.ts'
import { Member, MemberParams, memberToChange, shapeMember } from './member.ts'

export const renameMember = defineFlow({
  schema: {
    operationId: 'renameMember',
    summary: "Change a member's name",
    tags: ['staff'],
    params: MemberParams,
    body: Type.Object({ name: MemberName }, { additionalProperties: false }),
    response: { 200: Member, ...problems(400, 401, 403, 404, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { name } = request.body
    reply.header('cache-control', 'no-store')
    return request.db.$transaction(async (tx) => {
      const { member } = await memberToChange(tx, request, request.params.member)
      await tx.member.updateMany({ where: { id: member.id }, data: { name } })
      const target = { kind: 'member', id: member.id }
      await recordEvent(tx, originOf(request), { action: 'member.changed', target, details: { changed: ['name'] } })
      return shapeMember({ ...member, name })
    })
  },
})
