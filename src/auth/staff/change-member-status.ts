import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { refuseLastOwner } from './last-owner.ts'
import { Member, MemberParams, type MemberRow, memberToChange, shapeMember } from './member.ts'

export const deactivateMember = defineFlow({
  schema: {
    operationId: 'deactivateMember',
    summary: 'Let a member in no more. Every session ends at once; nothing of the member is lost',
    tags: ['staff'],
    params: MemberParams,
    response: { 200: Member, ...problems(401, 403, 404, 409, 503) },
  },
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return shapeMember(await changeMemberStatus(request, request.params.member, 'deactivated'))
  },
})

export const reactivateMember = defineFlow({
  schema: {
    operationId: 'reactivateMember',
    summary: 'Let a deactivated member in again, with the roles of before',
    tags: ['staff'],
    params: MemberParams,
    response: { 200: Member, ...problems(401, 403, 404, 503) },
  },
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return shapeMember(await changeMemberStatus(request, request.params.member, 'active'))
  },
})

/**
 * Changes nothing where it is so already. Both ways the epoch moves on: no session or half-done sign-in of before comes back to life. Who is let in again is not
 * erased either, whatever they asked for before.
 */
async function changeMemberStatus(request: FastifyRequest, id: string, status: 'active' | 'deactivated'): Promise<MemberRow> {
  return request.db.$transaction(async (tx) => {
    const { member } = await memberToChange(tx, request, id)
    if (member.status === status) return member
    if (status === 'deactivated') await refuseLastOwner(tx, member.id)
    await tx.member.updateMany({
      where: { id: member.id },
      data: { status, epoch: { increment: 1 }, ...(status === 'active' ? { eraseAt: null } : {}) },
    })
    const action = status === 'active' ? 'member.reactivated' : 'member.deactivated'
    await recordEvent(tx, originOf(request), { action, target: { kind: 'member', id: member.id } })
    return { ...member, status }
  })
}
