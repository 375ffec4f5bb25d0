import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { deviceCookie, deviceCookieLife } from './recognise-device.ts'
import type { OpenSession } from './session-store.ts'
import { signAccessToken } from './sign-access-token.ts'
import { accessTokenJitter, accessTokenLife, refreshIdleLife } from './token-life.ts'

export const TokenAnswer = Type.Object(
  {
    accessToken: Type.String({ maxLength: 4096, description: "JWT (RFC 7519), ES256, verifiable with the site's JWKS" }),
    tokenType: Type.Literal('Bearer'),
    expiresIn: Type.Integer({ description: 'Seconds' }),
    refreshToken: Type.Optional(Type.String({ maxLength: 200, description: 'Absent when it went into a cookie' })),
  },
  { additionalProperties: false },
)

/** Of a sign-in's body. */
export const Transport = Type.Optional(
  Type.Union([Type.Literal('body'), Type.Literal('cookie')], { description: 'Where the tokens go. Browsers: cookie. Default: body' }),
)

export const refreshCookie = '__Host-refresh'
export const accessCookie = '__Host-access'

/** ASVS V3.3: the prefix binds a cookie to this very host, and no script reads it. */
export const cookieFlags = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const

/** The answer to sign-in and refresh: a signed access token, and the refresh token in the body or in cookies. */
export async function answerWithTokens(
  request: FastifyRequest,
  reply: FastifyReply,
  session: OpenSession,
  transport: 'body' | 'cookie',
): Promise<Static<typeof TokenAnswer>> {
  const expiresIn = Math.round(accessTokenLife * (1 + accessTokenJitter * (2 * Math.random() - 1)))
  const accessToken = await signAccessToken(request, reply, { ...session, expiresIn })
  reply.header('cache-control', 'no-store')
  if (transport === 'body') return { accessToken, tokenType: 'Bearer', expiresIn, refreshToken: session.refreshToken }
  reply.setCookie(refreshCookie, session.refreshToken, { ...cookieFlags, maxAge: refreshIdleLife })
  reply.setCookie(accessCookie, accessToken, { ...cookieFlags, maxAge: expiresIn })
  if (session.deviceSecret) reply.setCookie(deviceCookie, session.deviceSecret, { ...cookieFlags, maxAge: deviceCookieLife })
  return { accessToken, tokenType: 'Bearer', expiresIn }
}

export function clearCookies(reply: FastifyReply): void {
  reply.clearCookie(refreshCookie, cookieFlags).clearCookie(accessCookie, cookieFlags)
}
