import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Config } from '../config.ts'
import type { TenantDb } from '../db/client.ts'
import { originOf } from './canonical-origin.ts'
import type { Tenant } from './directory.ts'

export interface BrowserOrigins {
  /** Whether a page of this origin may call the tenant's API with credentials: its own verified hosts, and the origins it lists. Exact. */
  allows(tenant: Tenant, db: TenantDb, origin: string): boolean | Promise<boolean>
}

export function createBrowserOrigins(publicOrigin: Config['publicOrigin']): BrowserOrigins {
  const listed = new LRUCache<string, ReadonlySet<string>>(atMost(5_000))
  return {
    allows(tenant, db, origin) {
      if (tenant.hosts.some((host) => originOf(host, publicOrigin) === origin)) return true
      // Every file, sandboxed frame and data: page calls itself null. No page calls itself *, and sent back it would mean all.
      if (origin === 'null' || origin === '*') return false
      const key = `${tenant.id} ${tenant.version}`
      const known = listed.get(key)
      if (known) return known.has(origin)
      return db.site.findFirst({ select: { allowedOrigins: true } }).then((site) => {
        const origins = new Set(site?.allowedOrigins)
        listed.set(key, origins)
        return origins.has(origin)
      })
    },
  }
}
