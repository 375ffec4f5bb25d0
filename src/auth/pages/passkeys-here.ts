import type { FastifyRequest } from 'fastify'
import { normaliseHost } from '../../tenancy/host-name.ts'

/** Why there is no button for a passkey on this page: the site uses none, or the visitor is on an alias, where browsers refuse them. */
export async function whyNoPasskeys({ tenant, db, server, host }: FastifyRequest): Promise<'off' | 'alias' | undefined> {
  const { passkeys } = await server.authPolicies.of(tenant, db)
  if (!passkeys) return 'off'
  return normaliseHost(host) === tenant.canonicalHost ? undefined : 'alias'
}
