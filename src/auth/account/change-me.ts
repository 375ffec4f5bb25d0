import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { MemberName } from './account-fields.ts'
import { Me, OwnLanguage, shapeMe } from './me.ts'

/** Address and password have ways of their own, and roles are not the member's to give. */
export const ChangeMeBody = Type.Object(
  { name: Type.Optional(MemberName), language: Type.Optional(OwnLanguage) },
  { additionalProperties: false, minProperties: 1 },
)

export const changeMeFlow = defineFlow({
  schema: {
    operationId: 'changeMe',
    summary: 'Change name or language of the signed-in member',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: ChangeMeBody,
    response: { 200: Me, ...problems(400, 401, 403, 404, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return changeMe(request, request.body)
  },
})

export async function changeMe(request: FastifyRequest, changes: Static<typeof ChangeMeBody>): Promise<Me> {
  const { memberId: id, member } = request.session
  await request.db.$transaction(async (tx) => {
    await tx.member.updateMany({ where: { id }, data: changes })
    await recordEvent(tx, originOf(request), { action: 'member.changed', target: { kind: 'member', id }, details: { changed: Object.keys(changes) } })
  })
  // What memory says of the member is older than the change until the message of the trigger is here.
  return shapeMe({ ...member, ...changes })
}
