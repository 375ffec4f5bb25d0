import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Member, MemberParams, requireMember, shapeMember } from './member.ts'

export const readMember = defineFlow({
  schema: {
    operationId: 'readMember',
    summary: 'One member of this site',
    tags: ['staff'],
    params: MemberParams,
    response: { 200: Member, ...problems(401, 403, 404, 503) },
  },
  async handler({ db, params }, reply) {
    reply.header('cache-control', 'no-store')
    return shapeMember(await requireMember(db, params.member))
  },
})
