import type { FastifyRequest } from 'fastify'
import { isAtRelyingParty } from '../factors/relying-party.ts'

/** Why there is no button for a passkey on this page: the site uses none, or the visitor is on an alias, where browsers refuse them. */
export async function whyNoPasskeys(request: FastifyRequest): Promise<'off' | 'alias' | undefined> {
  const { tenant, db, server } = request
  const { passkeys } = await server.authPolicies.of(tenant, db)
  if (!passkeys) return 'off'
  return isAtRelyingParty(request) ? undefined : 'alias'
}
