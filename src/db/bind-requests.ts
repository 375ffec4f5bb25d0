import { currentTenant, runAsTenant } from './tenant-context.ts'

interface Loader {
  batchBy(request: object): string | undefined
  singleLoader(request: object): Promise<unknown>
  batchLoader(requests: readonly object[]): Promise<unknown>
}

/**
 * Prisma gathers the unique reads and the batch transactions that begin within one tick and sends them together, in the async context of
 * whichever came first: a second tenant's `findUnique` was answered null, and its `$transaction([$queryRaw…])` the first one's rows. So
 * every request remembers its tenant, reads of different tenants are never joined, and each group is sent as the tenant it belongs to.
 */
export function bindRequests(client: object): void {
  const loader = loaderOf(client)
  const { batchBy, singleLoader, batchLoader } = loader
  const tenants = new WeakMap<object, string>()
  const tenantOf = (request: object) => tenants.get(request) ?? ''

  loader.batchBy = (request) => {
    const tenant = currentTenant()
    tenants.set(request, tenant)
    const key = batchBy(request)
    // A batch transaction stays whole: cut in two it would not be atomic.
    return key === undefined || isTransactional(request) ? key : `${tenant} ${key}`
  }
  loader.singleLoader = (request) => runAsTenant(tenantOf(request), () => singleLoader(request))
  loader.batchLoader = async (requests) => {
    const [tenant = '', ...others] = new Set(requests.map(tenantOf))
    if (others.length > 0) throw new TypeError('a batch transaction holds queries of several tenants')
    return runAsTenant(tenant, () => batchLoader(requests))
  }
}

/** Not public in Prisma: where a release keeps it elsewhere, nothing may start. */
function loaderOf(client: object): Loader {
  const options = ['_requestHandler', 'dataloader', 'options'].reduce<unknown>(
    (at, name) => (isObject(at) ? Reflect.get(at, name) : undefined),
    client,
  )
  if (isLoader(options)) return options
  throw new TypeError('the Prisma client shows no request loader: its queries cannot be kept to their tenants')
}

function isLoader(value: unknown): value is Loader {
  return isObject(value) && ['batchBy', 'singleLoader', 'batchLoader'].every((name) => typeof Reflect.get(value, name) === 'function')
}

function isTransactional(request: object): boolean {
  return 'transaction' in request && request.transaction !== undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
