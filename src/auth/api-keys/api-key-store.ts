import type { FastifyBaseLogger } from 'fastify'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../at-most.ts'
import type { TenantDb } from '../../db/client.ts'
import { lifeInMemory, type Notifications } from '../../db/notifications.ts'
import { problem, refuseFor } from '../../errors.ts'
import { readApiKeyId } from '../../security/api-key.ts'
import type { RateLimiter } from '../../security/rate-limiter.ts'
import { hashToken, sameHash } from '../../security/refresh-token.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { permissions } from '../../tenancy/permissions.ts'

/** What somebody shows as an API key, and where. */
export interface PresentedKey {
  tenant: Tenant
  db: TenantDb
  key: string
  /** The client's, by which failures are counted. */
  network: string
  log: Pick<FastifyBaseLogger, 'warn'>
}

export interface ApiKeyGrant {
  id: string
  permissions: readonly string[]
}

export interface ApiKeys {
  /** 401 AUTH_KEY_INVALID for every other than a live key of this tenant; 429 RATE_LIMITED where too many of those came. */
  of(presented: PresentedKey): ApiKeyGrant | Promise<ApiKeyGrant>
}

export interface ApiKeyOptions {
  notifications: Notifications
  /** Wrong keys, by tenant and network. */
  failures: () => RateLimiter
  now?: () => number
}

interface Row {
  id: string
  hash: Uint8Array
  permissions: string[]
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}

interface Kept {
  row: Row | undefined
  readAt: number
  /** When it was last written down that the key was used. */
  notedAt: number
}

const keptKeys = 20_000
const keptMisses = 20_000
const keptNetworks = 20_000
/** Milliseconds between two notes that a key was used. */
const noteEvery = 60_000
const nothing = new Uint8Array(32)

/** Keys of the sites, kept until any process announces a change. Who guesses ids gets no more look-ups than failures. */
export function createApiKeys({ notifications, failures, now = () => Date.now() }: ApiKeyOptions): ApiKeys {
  const known = new LRUCache<string, Kept>(atMost(keptKeys))
  // Apart, so that guesses push no key out.
  const misses = new LRUCache<string, Kept>(atMost(keptMisses))
  const barred = new LRUCache<string, number>(atMost(keptNetworks))
  const flights = new Map<string, Promise<Kept>>()
  // What was on its way while something changed is used once, and not kept.
  let changes = 0
  notifications.subscribe({
    onMessage(payload) {
      if (!payload.startsWith('k:')) return
      changes++
      flights.clear()
      known.delete(payload.slice(2))
    },
    onGap() {
      changes++
      flights.clear()
      known.clear()
      misses.clear()
    },
  })

  const lookUp = async (place: string, id: string, db: TenantDb): Promise<Kept> => {
    const before = changes
    const row = await readKey(db, id)
    const kept = { row, readAt: now(), notedAt: row?.lastUsedAt?.getTime() ?? 0 }
    if (before === changes) (row ? known : misses).set(place, kept)
    return kept
  }
  const find = (place: string, id: string, db: TenantDb): Promise<Kept> => {
    const underWay = flights.get(place)
    if (underWay) return underWay
    const flight = lookUp(place, id, db).finally(() => {
      if (flights.get(place) === flight) flights.delete(place)
    })
    flights.set(place, flight)
    return flight
  }
  const refuse = async ({ tenant, network }: PresentedKey, guessed: boolean): Promise<never> => {
    const from = `${tenant.id} ${network}`
    const retryAfter = await failures().take(from)
    // Only guesses of ids cost a look-up: an office with one old key in some program goes on with its others.
    if (retryAfter > 0 && guessed) barred.set(from, now() + retryAfter * 1000)
    refuseFor(retryAfter)
    throw problem('AUTH_KEY_INVALID')
  }
  const admit = (presented: PresentedKey, kept: Kept, guessed: boolean): ApiKeyGrant | Promise<never> => {
    const { row } = kept
    // Also compared where there is no such key.
    const right = sameHash(hashToken(presented.key), row?.hash ?? nothing)
    if (!row || !right || row.revokedAt || (row.expiresAt && row.expiresAt.getTime() <= now())) return refuse(presented, guessed && !row)
    if (now() - kept.notedAt >= noteEvery) {
      kept.notedAt = now()
      noteUse(presented, row.id)
    }
    return { id: row.id, permissions: allowed(presented.tenant, row.permissions) }
  }
  return {
    of(presented) {
      const { tenant, db, key, network } = presented
      const id = readApiKeyId(key)
      if (!id) return refuse(presented, false)
      const place = `${tenant.id}:${id}`
      const kept = known.get(place) ?? misses.get(place)
      if (kept && now() - kept.readAt < lifeInMemory(notifications)) return admit(presented, kept, false)
      refuseFor(Math.ceil(((barred.get(`${tenant.id} ${network}`) ?? 0) - now()) / 1000))
      return find(place, id, db).then((found) => admit(presented, found, true))
    },
  }
}

async function readKey(db: TenantDb, id: string): Promise<Row | undefined> {
  const [row] = await db.$queryRaw<Row[]>`
    select id, secret_hash as hash, permissions, expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"
    from api_keys where id = ${id}::uuid`
  return row
}

/** Nobody waits for it, and of all copies of the service one writes. */
function noteUse({ db, log }: PresentedKey, id: string): void {
  db.$executeRaw`
    update api_keys set last_used_at = now() where id = ${id}::uuid and (last_used_at is null or last_used_at < now() - interval '1 minute')`.catch(
    (err) => log.warn({ err, apiKeyId: id }, 'the use of an API key was not noted'),
  )
}

/** What acts on the hub is for the platform's own keys, whatever a row says. */
function allowed({ kind }: Tenant, granted: readonly string[]): readonly string[] {
  const own: readonly string[] = permissions
  return kind === 'platform' ? granted : granted.filter((permission) => own.includes(permission))
}
