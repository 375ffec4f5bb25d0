import { normaliseHost } from '../host-name.ts'
import type { ResolverFactory } from './resolver.ts'

/** A browser app on the tenant's own domain that calls a shared API host: the Origin header, which scripts cannot set, names the tenant. */
export const originResolver: ResolverFactory = ({ apiHosts }) => ({
  name: 'origin',
  locate({ host, headers: { origin } }) {
    if (!apiHosts.includes(host) || !origin || !URL.canParse(origin)) return undefined
    const named = normaliseHost(new URL(origin).hostname)
    return named ? { host: named } : undefined
  },
})
