import type { FastifyReply, FastifyRequest } from 'fastify'
import { isProblem, problem } from '../../errors.ts'
import { enterSession } from '../sessions/enter-session.ts'
import { exchangeRefreshToken } from '../sessions/refresh.ts'
import { answerWithTokens, clearCookies, refreshCookie } from '../sessions/token-answer.ts'

/** For pages of members: the session of the cookies, continued where its access token has run out; whoever has none is sent to sign in. */
export async function requirePageSession(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  try {
    if (await findPageSession(request, reply)) return
  } catch (error) {
    if (!isOver(error)) throw error
    clearCookies(reply)
  }
  // A form that was sent too late is lost: the page of it is where to go on.
  const wish = request.method === 'GET' ? request.url : (request.routeOptions.url ?? '/account')
  return reply.redirect(`/account/sign-in?return_to=${encodeURIComponent(wish)}`, 303)
}

/** Whether the visitor is signed in; then `request.session` is set. */
export async function findPageSession(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  try {
    await sessionOfCookie(request, reply)
    // An API key opens no page.
    return request.caller.kind === 'member'
  } catch (error) {
    if (!isProblem(error) || error.statusCode !== 401) throw error
  }
  const token = request.cookies[refreshCookie]
  if (!token) return false
  const session = await exchangeRefreshToken(request, token)
  await answerWithTokens(request, reply, session, 'cookie')
  const { tenant, db, server } = request
  const ref = { tenantId: tenant.id, memberId: session.memberId, sessionId: session.id }
  const member = await server.standings.of(ref, db)
  if (!member) throw problem('AUTH_REFRESH_INVALID')
  enterSession(request, { sessionId: session.id, memberId: session.memberId, member })
  return true
}

function sessionOfCookie(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { server } = request
  return new Promise((resolve, reject) => server.requireSession.call(server, request, reply, (error?: Error) => (error ? reject(error) : resolve())))
}

function isOver(error: unknown): boolean {
  return isProblem(error) && error.code.startsWith('AUTH_REFRESH_')
}
