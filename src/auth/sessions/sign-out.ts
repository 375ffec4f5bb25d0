import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { voidChallenges, waysIn } from '../account/void-challenges.ts'
import { endAllSessions, endSession } from './session-store.ts'
import { clearCookies } from './token-answer.ts'

export const signOut = defineFlow({
  schema: {
    operationId: 'signOut',
    summary: 'End this session, or every session of the member',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: Type.Optional(Type.Object({ everywhere: Type.Optional(Type.Boolean()) }, { additionalProperties: false })),
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const everywhere = request.body?.everywhere === true
    if (everywhere && request.caller.operator) throw problem('AUTH_OPERATOR_REFUSED')
    if (everywhere) await leaveEverywhere(request)
    else await leave(request)
    clearCookies(reply)
    reply.code(204).send(null)
  },
})

/** Ends this session. */
export async function leave(request: FastifyRequest): Promise<void> {
  const { sessionId } = request.session
  await request.db.$transaction(async (tx) => {
    if (!(await endSession(tx, sessionId, 'signed_out'))) return
    await recordEvent(tx, originOf(request), { action: 'session.ended', target: { kind: 'session', id: sessionId } })
  })
}

export async function leaveEverywhere(request: FastifyRequest): Promise<void> {
  const { memberId } = request.session
  await request.db.$transaction(async (tx) => {
    await endAllSessions(tx, memberId)
    // A way in that waits in a mailbox would be a session after the last one.
    await voidChallenges(tx, memberId, waysIn)
    await recordEvent(tx, originOf(request), { action: 'session.all-ended', target: { kind: 'member', id: memberId } })
  })
}
