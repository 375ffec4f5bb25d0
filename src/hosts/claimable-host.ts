import type { Config } from '../config.ts'
import { innerName } from '../security/dns/inner-name.ts'
import { normaliseHost } from '../tenancy/host-name.ts'
import { proofLabel } from './host-records.ts'

export interface HostRules extends Pick<Config, 'production' | 'tenancy' | 'hosts'> {}

export interface HostClaim {
  /** Of the site. */
  slug: string
  asserted: boolean
}

const longestHost = 253 - proofLabel.length

/**
 * The one form of a host that a site may claim; throws with a line for all others. Public suffixes such as co.uk are not told apart: nobody but who runs
 * one can prove it. `asserted`: by an operator's word, who may also give a site a name of the platform itself, and its own below TENANT_BASE_DOMAIN.
 */
export function claimableHost(raw: string, { production, tenancy, hosts }: HostRules, { slug, asserted }: HostClaim): string {
  const host = normaliseHost(raw)
  if (!host || raw.includes(':')) throw new Error(`"${raw}" is no host name. Give one such as www.example.org, without scheme, port or path.`)
  if (!host.includes('.')) throw new Error(`"${host}" has a single label: nobody can prove that. Give a whole name, such as www.example.org.`)
  if (host.length > longestHost) throw new Error(`"${host}" is too long: with ${proofLabel} before it, it is no name any more.`)
  if (production && innerName.test(host)) throw new Error(`"${host}" leads into a private network: no visitor can come from outside.`)
  if (tenancy.apiHosts.includes(host)) throw new Error(`"${host}" is one of TENANT_API_HOSTS, which all sites share.`)
  const { baseDomain, resolvers } = tenancy
  const own = asserted && host === `${slug}.${baseDomain}`
  if (baseDomain && resolvers.includes('subdomain') && isBelow(host, baseDomain) && !own) {
    throw new Error(`"${host}" is of TENANT_BASE_DOMAIN: there the first label names the site by its slug.`)
  }
  if (!asserted && hosts.targets.some((target) => host === target || (target.startsWith('*.') && isBelow(host, target.slice(2))))) {
    throw new Error(`"${host}" is of HOST_TARGETS, so no site can prove it. Where it is yours to give, add --proven.`)
  }
  return host
}

function isBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}
