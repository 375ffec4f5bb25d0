import { bearerApiKey } from '../../security/api-key.ts'
import type { ResolverFactory } from './resolver.ts'

/**
 * `X-Tenant-ID`: an id or a slug. Anybody can send a header, so it counts only together with an API key, which plugins/session.ts then holds to that
 * tenant on every route, or where TENANT_HEADER says that a gateway sets it. A browser sends neither across sites on its own.
 */
export const headerResolver: ResolverFactory = ({ headerTrusted }) => ({
  name: 'header',
  locate({ headers }) {
    const named = headers['x-tenant-id']
    if (typeof named !== 'string' || named === '') return undefined
    if (!headerTrusted && bearerApiKey(headers.authorization) === undefined) return undefined
    return named.length === 36 ? { id: named } : { slug: named }
  },
})
