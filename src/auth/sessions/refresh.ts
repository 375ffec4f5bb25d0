import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { refreshTokenLength } from '../../security/refresh-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { endReusedSession } from './end-reused-session.ts'
import { rotateSession } from './session-store.ts'
import { answerWithTokens, clearCookies, refreshCookie, TokenAnswer } from './token-answer.ts'

export const refresh = defineFlow({
  schema: {
    operationId: 'refresh',
    summary: 'Exchange a refresh token, from the body or the cookie, for new tokens',
    tags: ['auth'],
    body: Type.Optional(Type.Object({ refreshToken: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }, { additionalProperties: false })),
    response: { 200: TokenAnswer, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { tenant, db, server } = request
    const transport = request.body?.refreshToken === undefined ? 'cookie' : 'body'
    const token = request.body?.refreshToken ?? request.cookies[refreshCookie] ?? ''
    const issued = token.length === refreshTokenLength ? server.refreshTokens.read(tenant.id, token) : undefined
    if (!issued) throw problem('AUTH_REFRESH_INVALID')
    const wait = server.limits.refreshes.take(`${tenant.id} ${issued.sessionId}`)
    if (wait > 0) throw problem('RATE_LIMITED', { retryAfter: wait })

    const rotation = await rotateSession(db, server.refreshTokens, { tenantId: tenant.id, ...issued, token, address: request.ip })
    if (rotation.outcome === 'rotated') return answerWithTokens(request, reply, rotation.session, transport)
    if (transport === 'cookie') clearCookies(reply)
    if (rotation.outcome === 'ended') throw problem('AUTH_REFRESH_INVALID')
    await endReusedSession(request, rotation.sessionId)
    throw problem('AUTH_REFRESH_REUSED')
  },
})
