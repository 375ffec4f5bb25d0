import { problem } from '../errors.ts'
import type { Directory, Tenant } from './directory.ts'
import type { Locator } from './read-tenant.ts'
import type { Resolver, ResolverRequest } from './resolvers/resolver.ts'

/**
 * Asks every resolver and answers the one tenant that they name: 404 TENANT_UNKNOWN where none does, 403 TENANT_AMBIGUOUS where two
 * disagree, 403 TENANT_SUSPENDED. Answers at once when the directory has it in memory, which is nearly always.
 */
export function locateTenant(resolvers: readonly Resolver[], directory: Directory, request: ResolverRequest): Tenant | Promise<Tenant> {
  const locators = resolvers.map((resolver) => resolver.locate(request)).filter((locator) => locator !== undefined)
  const found = locators.map((locator) => directory.find(locator))
  if (!found.some((answer) => answer instanceof Promise)) return agreed(locators, found as (Tenant | undefined)[])
  return Promise.all(found).then((tenants) => agreed(locators, tenants))
}

function agreed(locators: readonly Locator[], tenants: readonly (Tenant | undefined)[]): Tenant {
  // A host may be one that all tenants share, or the visitor's own mistake; a slug or an id was meant.
  if (tenants.some((tenant, at) => !tenant && !('host' in (locators[at] ?? {})))) throw problem('TENANT_UNKNOWN')
  const [first, ...others] = tenants.filter((tenant) => tenant !== undefined)
  if (!first) throw problem('TENANT_UNKNOWN')
  if (others.some(({ id }) => id !== first.id)) throw problem('TENANT_AMBIGUOUS')
  if (first.status === 'suspended') throw problem('TENANT_SUSPENDED')
  return first
}
