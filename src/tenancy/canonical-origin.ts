import type { Config } from '../config.ts'
import type { Tenant } from './directory.ts'

/** Scheme, host and port under which a browser meets a host of ours. */
export function originOf(host: string, { scheme, port }: Config['publicOrigin']): string {
  const implied = port === 0 || port === (scheme === 'https' ? 443 : 80)
  return `${scheme}://${host}${implied ? '' : `:${port}`}`
}

/** JWT issuer and the origin of every mailed link. Made from the directory alone, never from a header of the request. */
export function canonicalOrigin(tenant: Tenant, publicOrigin: Config['publicOrigin']): string {
  return originOf(tenant.canonicalHost, publicOrigin)
}
