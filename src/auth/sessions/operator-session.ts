import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { newId } from '../../security/random-token.ts'
import { canonicalOrigin } from '../../tenancy/canonical-origin.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { signAccessToken } from './sign-access-token.ts'
import { accessCookie, clearCookies, cookieFlags, type TokenAnswer } from './token-answer.ts'
import { operatorSessionLife } from './token-life.ts'

export interface OperatorSession {
  id: string
  memberId: string
  operator: string
  /** The hub's own tenant, whose people operators are. */
  platform: Tenant
  expiresAt: Date
}

export interface NewOperatorSession {
  tenantId: string
  memberId: string
  epoch: number
  operator: string
  operatorEpoch: number
  reason: string
  userAgent: string
  address: string
}

/** A session that ends after half an hour: it has no refresh token, and the hash stands for none that anybody could have. */
export async function openOperatorSession(
  db: Pick<TenantDb, 'session'>,
  { reason, userAgent, address, ...session }: NewOperatorSession,
): Promise<Pick<OperatorSession, 'id' | 'expiresAt'>> {
  const id = newId()
  const expiresAt = new Date(Date.now() + operatorSessionLife * 1000)
  await db.session.create({
    data: {
      ...session,
      id,
      refreshHash: new Uint8Array(randomBytes(32)),
      methods: ['operator'],
      operatorReason: reason,
      userAgent: userAgent.slice(0, 400),
      address: address.slice(0, 45),
      idleExpiresAt: expiresAt,
      expiresAt,
    },
  })
  return { id, expiresAt }
}

/** One access token for the whole of the session, since nothing continues it. It names the operator beside the member (RFC 8693, 4.1). */
export async function answerOperator(
  request: FastifyRequest,
  reply: FastifyReply,
  { id, memberId, operator, platform, expiresAt }: OperatorSession,
  transport: 'body' | 'cookie',
): Promise<Static<typeof TokenAnswer>> {
  const expiresIn = Math.floor((expiresAt.getTime() - Date.now()) / 1000)
  const act = { sub: operator, iss: canonicalOrigin(platform, request.server.config.publicOrigin) }
  const proof = { authenticatedAt: new Date(), methods: ['operator'] } as const
  const accessToken = await signAccessToken(request, reply, { id, memberId, expiresIn, act, ...proof })
  reply.header('cache-control', 'no-store')
  if (transport === 'cookie') {
    // What the browser still has of a session before would otherwise be continued when this one is over.
    clearCookies(reply)
    reply.setCookie(accessCookie, accessToken, { ...cookieFlags, maxAge: expiresIn })
  }
  return { accessToken, tokenType: 'Bearer', expiresIn }
}
