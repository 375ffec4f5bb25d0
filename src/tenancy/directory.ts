import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import { lifeInMemory, type Notifications } from '../db/notifications.ts'
import { isId } from '../security/random-token.ts'
import type { FoundTenant, Locator, readTenant } from './read-tenant.ts'

export type Tenant = FoundTenant

export interface Directory {
  /** From memory where it may be trusted, else one look-up that simultaneous callers share. */
  find(locator: Locator): Tenant | undefined | Promise<Tenant | undefined>
  /** Whether `find` would answer at once, and look nothing up. */
  remembers(locator: Locator): boolean
}

export interface DirectoryOptions {
  read: (locator: Locator) => ReturnType<typeof readTenant>
  notifications: Notifications
  now?: () => number
}

const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}$/
const keptTenants = 20_000
const keptMisses = 20_000

interface Known {
  tenant: Tenant | undefined
  readAt: number
}

/** Host, slug or id → tenant. Hits and misses are kept, both bounded, and dropped when any process says the tenant or host changed. */
export function createDirectory({ read, notifications, now = Date.now }: DirectoryOptions): Directory {
  const hits = new LRUCache<string, Known>(atMost(keptTenants))
  const misses = new LRUCache<string, Known>(atMost(keptMisses))
  // A tenant forgotten here, whyever, is forgotten there too: else a message about it would find nothing to drop.
  const keysOf = new LRUCache<string, Set<string>>({
    ...atMost(keptTenants),
    dispose(keys, _tenantId, reason) {
      if (reason !== 'set') for (const key of keys) hits.delete(key)
    },
  })
  const flights = new Map<string, Promise<Tenant | undefined>>()
  // An answer that was on its way while something changed is handed to those who asked before, but not kept.
  let changes = 0

  const overtake = () => {
    changes++
    flights.clear()
  }
  notifications.subscribe({
    onMessage(payload) {
      const kind = payload.slice(0, 2)
      if (kind !== 't:' && kind !== 'h:') return
      overtake()
      // A miss does not know whose it would have been.
      misses.clear()
      if (kind === 't:') keysOf.delete(payload.slice(2))
      else hits.delete(payload)
    },
    onGap() {
      overtake()
      hits.clear()
      misses.clear()
      keysOf.clear()
    },
  })

  const keep = (key: string, tenant: Tenant | undefined) => {
    const known = { tenant, readAt: now() }
    if (!tenant) misses.set(key, known)
    else {
      hits.set(key, known)
      const keys = keysOf.get(tenant.id) ?? new Set()
      keysOf.set(tenant.id, keys.add(key))
    }
  }
  const lookUp = async (key: string, locator: Locator) => {
    const before = changes
    const tenant = await read(locator)
    if (before === changes) keep(key, tenant)
    return tenant
  }
  const recall = (key: string): Known | undefined => {
    const known = hits.get(key) ?? misses.get(key)
    return known && now() - known.readAt < lifeInMemory(notifications) ? known : undefined
  }
  return {
    remembers: (locator) => !canExist(locator) || recall(keyOf(locator)) !== undefined,
    find(locator) {
      if (!canExist(locator)) return undefined
      const key = keyOf(locator)
      const known = recall(key)
      if (known) return known.tenant
      const underWay = flights.get(key)
      if (underWay) return underWay
      const flight = lookUp(key, locator).finally(() => {
        if (flights.get(key) === flight) flights.delete(key)
      })
      flights.set(key, flight)
      return flight
    },
  }
}

/** What no tenant can be called is neither looked up nor kept: it may be as long as a request header. */
function canExist(locator: Locator): boolean {
  if ('host' in locator) return locator.host.length <= 253
  return 'slug' in locator ? slugPattern.test(locator.slug) : isId(locator.id)
}

function keyOf(locator: Locator): string {
  if ('host' in locator) return `h:${locator.host}`
  return 'slug' in locator ? `s:${locator.slug}` : `i:${locator.id}`
}
