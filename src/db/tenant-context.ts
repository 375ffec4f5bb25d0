import { AsyncLocalStorage } from 'node:async_hooks'
import { isId } from '../security/random-token.ts'

const storage = new AsyncLocalStorage<string>()

/** Refuses anything but a UUID in its one canonical form: the id ends up in a database setting. */
export function requireTenantId(tenantId: string): string {
  if (!isId(tenantId)) throw new TypeError('a tenant id is a UUID in lower case')
  return tenantId
}

/**
 * Runs `work` with every connection it takes bound to the tenant. Prisma's promises are lazy and start when awaited, so `work` has to
 * await inside.
 */
export function runAsTenant<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
  return storage.run(tenantId, work)
}

/** The tenant of the running work, or '' where there is none: then policies let no row through. */
export function currentTenant(): string {
  return storage.getStore() ?? ''
}
