import type { FastifyReply, FastifyRequest } from 'fastify'
import { canonicalOrigin } from '../../tenancy/canonical-origin.ts'
import { type Authentication, authenticationClaims } from './authentication-claims.ts'

export interface AccessGrant extends Authentication {
  /** The session's. */
  id: string
  memberId: string
  /** Seconds. */
  expiresIn: number
  /** Who acts as the member (RFC 8693, 4.1). */
  act?: { sub: string; iss: string }
}

/** A JWT (RFC 7519) of the request's site, signed by the key that it signs with now. */
export async function signAccessToken(
  request: FastifyRequest,
  reply: FastifyReply,
  { id, memberId, expiresIn, act, ...proof }: AccessGrant,
): Promise<string> {
  const { tenant, server } = request
  const { current } = await server.signingKeys.of(tenant, request.db)
  const iss = canonicalOrigin(tenant, server.config.publicOrigin)
  const claims = { tid: tenant.id, sid: id, ...authenticationClaims(proof), ...(act ? { act } : {}) }
  // Key and kid of one reading of the clock: the key may be exchanged at any moment.
  const key = { key: current.privatePem, kid: current.kid }
  return reply.jwtSign(claims, { sign: { ...key, iss, aud: tenant.id, sub: memberId, expiresIn } })
}
