import { LRUCache } from 'lru-cache'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { TenantDb } from '../../db/client.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import { generateSigningKey, type PublicJwk, publicPem } from '../../security/signing-key.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { retiredKeyLife } from '../sessions/token-life.ts'

export interface KeySet {
  current: { kid: string; privatePem: string }
  /** SPKI PEM by `kid`: every key that may still have live tokens. */
  publicPems: ReadonlyMap<string, string>
  jwks: { keys: PublicJwk[] }
}

export interface SigningKeys {
  /** Kept by the tenant's version, which any change of its keys raises. */
  of(tenant: Tenant, db: TenantDb): KeySet | Promise<KeySet>
}

const keptSets = 5_000
/** Bounds how long a retired key stays published beyond its time, where no change of the tenant says so earlier. Milliseconds. */
const longestKept = 300_000
const sealedPlace = (tenantId: string) => ({ tenantId, field: 'signing_keys.sealed_private' })

const storedJwk = Compile(
  Type.Object({
    kty: Type.Literal('EC'),
    crv: Type.Literal('P-256'),
    x: Type.String(),
    y: Type.String(),
    kid: Type.String(),
    alg: Type.Literal('ES256'),
    use: Type.Literal('sig'),
  }),
)

export function createSigningKeys(box: SecretBox, now: () => number = Date.now): SigningKeys {
  const kept = new LRUCache<string, KeySet>({ max: keptSets, ttl: longestKept })
  const flights = new Map<string, Promise<KeySet>>()
  return {
    of(tenant, db) {
      const key = `${tenant.id} ${tenant.version}`
      const known = kept.get(key)
      if (known) return known
      const underWay = flights.get(key)
      if (underWay) return underWay
      const flight = readKeySet({ db, box, tenantId: tenant.id, now: now() })
        .then((set) => {
          kept.set(key, set)
          return set
        })
        .finally(() => flights.delete(key))
      flights.set(key, flight)
      return flight
    },
  }
}

/** The row of a fresh pair, its private half sealed for this tenant and column. */
export function newSigningKey(box: SecretBox, tenantId: string) {
  const { publicJwk, privatePem } = generateSigningKey()
  return { tenantId, id: publicJwk.kid, publicJwk: { ...publicJwk }, sealedPrivate: box.seal(privatePem, sealedPlace(tenantId)) }
}

interface KeySource {
  db: TenantDb
  box: SecretBox
  tenantId: string
  now: number
}

async function readKeySet({ db, box, tenantId, now }: KeySource): Promise<KeySet> {
  const published = new Date(now - retiredKeyLife * 1000)
  const rows = await db.signingKey.findMany({
    where: { OR: [{ retiredAt: null }, { retiredAt: { gt: published } }] },
    orderBy: { createdAt: 'desc' },
  })
  const current = rows.find(({ retiredAt }) => retiredAt === null)
  if (!current) throw new Error(`tenant ${tenantId} has no signing key`)
  const keys = rows.map(({ publicJwk }) => parseJwk(publicJwk))
  return {
    current: { kid: current.id, privatePem: box.open(current.sealedPrivate, sealedPlace(tenantId)) },
    publicPems: new Map(keys.map((jwk) => [jwk.kid, publicPem(jwk)])),
    jwks: { keys },
  }
}

function parseJwk(stored: unknown): PublicJwk {
  if (!storedJwk.Check(stored)) throw new Error('a stored public key is malformed')
  const { kty, crv, x, y, kid, alg, use } = stored
  return { kty, crv, x, y, kid, alg, use }
}
