import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { isProblem, problem, refuseFor } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { refreshTokenLength } from '../../security/refresh-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { endReusedSession } from './end-reused-session.ts'
import { type OpenSession, rotateSession } from './session-store.ts'
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
    const transport = request.body?.refreshToken === undefined ? 'cookie' : 'body'
    const token = request.body?.refreshToken ?? request.cookies[refreshCookie] ?? ''
    const session = await exchangeRefreshToken(request, token).catch((error) => {
      if (transport === 'cookie' && isOver(error)) clearCookies(reply)
      throw error
    })
    return answerWithTokens(request, reply, session, transport)
  },
})

/** 401 AUTH_REFRESH_INVALID for what is no live token of this site, 401 AUTH_REFRESH_REUSED where that ended its session. */
export async function exchangeRefreshToken(request: FastifyRequest, token: string): Promise<OpenSession> {
  const { tenant, db, server } = request
  const issued = token.length === refreshTokenLength ? server.refreshTokens.read(tenant.id, token) : undefined
  if (!issued) throw problem('AUTH_REFRESH_INVALID')
  refuseFor(await server.limits.refreshes.take(`${tenant.id} ${issued.sessionId}`))
  const rotation = await rotateSession(db, server.refreshTokens, { tenantId: tenant.id, ...issued, token, address: request.ip })
  if (rotation.outcome === 'rotated') return rotation.session
  if (rotation.outcome === 'ended') throw problem('AUTH_REFRESH_INVALID')
  await endReusedSession(request, issued.sessionId)
  throw problem('AUTH_REFRESH_REUSED')
}

function isOver(error: unknown): boolean {
  return isProblem(error) && (error.code === 'AUTH_REFRESH_INVALID' || error.code === 'AUTH_REFRESH_REUSED')
}
