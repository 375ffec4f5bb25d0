import type { ResolverFactory } from './resolver.ts'

/** The host the request came to, except on hosts that all tenants share. */
export const hostResolver: ResolverFactory = ({ apiHosts }) => ({
  name: 'host',
  locate: ({ host }) => (apiHosts.includes(host) ? undefined : { host }),
})
