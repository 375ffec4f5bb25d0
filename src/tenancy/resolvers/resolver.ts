import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '../../config.ts'
import type { Locator } from '../read-tenant.ts'

/** What a resolver may look at. */
export interface ResolverRequest {
  /** Normalised; from X-Forwarded-Host only when a trusted proxy sent it. */
  host: string
  headers: IncomingHttpHeaders
  /** The slug of `/t/<slug>/…`, when `path` is among the resolvers. */
  pathSlug: string | undefined
}

/**
 * One way in which a request can name its tenant. `undefined` means that this request does not name one that way, and the next resolver
 * is asked. All that name one have to name the same. A host that nobody has is passed over; a slug or id that nobody has is a 404.
 */
export interface Resolver {
  name: string
  locate(request: ResolverRequest): Locator | undefined
}

/** What a module named in TENANT_RESOLVERS exports as its default. */
export type ResolverFactory = (tenancy: Config['tenancy']) => Resolver
