import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { isId } from '../../security/random-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { endSession } from './session-store.ts'
import { clearCookies } from './token-answer.ts'

export const endOneSession = defineFlow({
  schema: {
    operationId: 'endSession',
    summary: "End one of the member's own sessions",
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: Type.Object({ session: Type.String({ maxLength: 200 }) }, { additionalProperties: false }),
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 503) },
  },
  async handler(request, reply) {
    const { memberId, sessionId } = request.session
    const id = request.params.session
    const ended = isId(id) && (await endOwnSession(request, { id, memberId }))
    if (!ended) throw problem('SESSION_UNKNOWN')
    if (id === sessionId) clearCookies(reply)
    reply.code(204).send(null)
  },
})

/** Whether it was one of the member's, and lived. */
export function endOwnSession(request: Parameters<typeof originOf>[0], session: { id: string; memberId: string }): Promise<boolean> {
  return request.db.$transaction(async (tx) => {
    if (!(await endSession(tx, session, 'revoked'))) return false
    await recordEvent(tx, originOf(request), { action: 'session.ended', target: { kind: 'session', id: session.id } })
    return true
  })
}
