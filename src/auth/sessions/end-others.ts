import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { voidChallenges, waysIn } from '../account/void-challenges.ts'
import { endOtherSessions } from './session-store.ts'

export const endOthers = defineFlow({
  schema: {
    operationId: 'endOtherSessions',
    summary: 'End every session of the member but this one',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: Type.Optional(Type.Object({}, { additionalProperties: false })),
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    await keepOnlyThisSession(request)
    reply.code(204).send(null)
  },
})

export async function keepOnlyThisSession(request: FastifyRequest): Promise<void> {
  const { memberId, sessionId } = request.session
  await request.db.$transaction(async (tx) => {
    if (!(await endOtherSessions(tx, { memberId, sessionId }))) throw problem('AUTH_TOKEN_INVALID')
    await voidChallenges(tx, memberId, waysIn)
    const event = { action: 'session.all-ended', target: { kind: 'member', id: memberId }, details: { except: sessionId } } as const
    await recordEvent(tx, originOf(request), event)
  })
}
