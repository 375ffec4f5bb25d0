import type { ResolverFactory } from './resolver.ts'

/** `X-Tenant-ID`: an id or a slug. Anybody can send a header, so it counts only where TENANT_HEADER says that a gateway sets it. */
export const headerResolver: ResolverFactory = ({ headerTrusted }) => ({
  name: 'header',
  locate({ headers }) {
    const named = headers['x-tenant-id']
    if (!headerTrusted || typeof named !== 'string' || named === '') return undefined
    return named.length === 36 ? { id: named } : { slug: named }
  },
})
