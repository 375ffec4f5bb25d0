import type { FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'
import { canonicalOrigin } from '../../tenancy/canonical-origin.ts'
import { normaliseHost } from '../../tenancy/host-name.ts'

/** Who a passkey belongs to (WebAuthn, 4): the canonical host by name, and pages of its origin alone. */
export interface RelyingParty {
  rpId: string
  origin: string
}

/**
 * From the directory, never from a header. A page on an alias cannot use passkeys: browsers refuse it, and so do we. Related origins (WebAuthn, 5.11)
 * would let every alias, also one that is about to be lost, use the passkeys of all.
 */
export function relyingParty({ tenant, server }: FastifyRequest): RelyingParty {
  return { rpId: tenant.canonicalHost, origin: canonicalOrigin(tenant, server.config.publicOrigin) }
}

/** Whether the visitor is where the site's passkeys work: a page on an alias offers none. */
export function isAtRelyingParty({ host, tenant }: Pick<FastifyRequest, 'host' | 'tenant'>): boolean {
  return normaliseHost(host ?? '') === tenant.canonicalHost
}

/** 403 PASSKEYS_OFF where the site uses none. */
export async function requirePasskeys({ tenant, db, server }: FastifyRequest): Promise<void> {
  const { passkeys } = await server.authPolicies.of(tenant, db)
  if (!passkeys) throw problem('PASSKEYS_OFF')
}
