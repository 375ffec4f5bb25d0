import type { ResolverFactory } from './resolver.ts'

/** `<slug>.<TENANT_BASE_DOMAIN>`: one label, no deeper. */
export const subdomainResolver: ResolverFactory = ({ baseDomain, apiHosts }) => ({
  name: 'subdomain',
  locate({ host }) {
    if (!host.endsWith(`.${baseDomain}`) || apiHosts.includes(host)) return undefined
    const label = host.slice(0, -baseDomain.length - 1)
    return label.includes('.') ? undefined : { slug: label }
  },
})
