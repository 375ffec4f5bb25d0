import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
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
    const { sessionId, memberId } = request.session
    const everywhere = request.body?.everywhere === true
    if (everywhere && request.caller.operator) throw problem('AUTH_OPERATOR_REFUSED')
    if (everywhere) await endAllSessions(request.db, memberId)
    else await endSession(request.db, sessionId, 'signed_out')
    clearCookies(reply)
    reply.code(204).send(null)
  },
})
