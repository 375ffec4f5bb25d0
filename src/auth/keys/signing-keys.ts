import { LRUCache } from 'lru-cache'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { atMost } from '../../at-most.ts'
import type { TenantDb } from '../../db/client.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import { generateSigningKey, type PublicJwk, publicPem } from '../../security/signing-key.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { retiredKeyLife } from '../sessions/token-life.ts'
import { createKeySets, type KeySet, type KeySets, type OpenedKey } from './key-set.ts'

export interface SigningKeys {
  /** As of now. What was read is kept by the tenant's version, which any change of its keys raises; the clock does the rest. */
  of(tenant: Tenant, db: TenantDb): KeySet | Promise<KeySet>
}

const keptSets = 5_000
/** Bounds what a version that was not raised could do. Milliseconds. */
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

export function createSigningKeys(box: SecretBox, now: () => number = () => Date.now()): SigningKeys {
  const kept = new LRUCache<string, KeySets>({ ...atMost(keptSets), ttl: longestKept })
  const flights = new Map<string, Promise<KeySets>>()
  const load = (key: string, tenantId: string, db: TenantDb) => {
    const flight = readKeys({ db, box, tenantId, now: now() })
      .then((sets) => {
        kept.set(key, sets)
        return sets
      })
      .finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }
  return {
    of(tenant, db) {
      const key = `${tenant.id} ${tenant.version}`
      const known = kept.get(key)
      if (known) return known.at(now())
      const flight = flights.get(key) ?? load(key, tenant.id, db)
      return flight.then((sets) => sets.at(now()))
    },
  }
}

/** The row of a fresh pair, its private half sealed for this tenant and column. */
export function newSigningKey(box: SecretBox, tenantId: string) {
  const { publicJwk, privatePem } = generateSigningKey()
  return { tenantId, id: publicJwk.kid, publicJwk: { ...publicJwk }, sealedPrivate: box.seal(privatePem, sealedPlace(tenantId)) }
}

/** Throws where no key of the ring opens it. */
export function openSigningKey(box: SecretBox, { tenantId, sealedPrivate }: { tenantId: string; sealedPrivate: string }): string {
  return box.open(sealedPrivate, sealedPlace(tenantId))
}

interface KeySource {
  db: TenantDb
  box: SecretBox
  tenantId: string
  now: number
}

async function readKeys({ db, box, tenantId, now }: KeySource): Promise<KeySets> {
  const published = new Date(now - retiredKeyLife * 1000)
  const rows = await db.signingKey.findMany({
    where: { OR: [{ retiredAt: null }, { retiredAt: { gt: published } }] },
    orderBy: [{ activatesAt: 'desc' }, { id: 'asc' }],
  })
  return createKeySets(
    rows.map((row): OpenedKey => {
      const jwk = parseJwk(row.publicJwk)
      return {
        jwk,
        publicPem: publicPem(jwk),
        privatePem: openOrNothing(box, { tenantId, sealedPrivate: row.sealedPrivate }),
        activatesAt: row.activatesAt.getTime(),
        retiredAt: row.retiredAt?.getTime() ?? Number.POSITIVE_INFINITY,
      }
    }),
  )
}

/** Tokens are still verified where nothing can be signed, so this is no reason to fail yet. */
function openOrNothing(box: SecretBox, row: { tenantId: string; sealedPrivate: string }): string | undefined {
  try {
    return openSigningKey(box, row)
  } catch {
    return undefined
  }
}

function parseJwk(stored: unknown): PublicJwk {
  if (!storedJwk.Check(stored)) throw new Error('a stored public key is malformed')
  const { kty, crv, x, y, kid, alg, use } = stored
  return { kty, crv, x, y, kid, alg, use }
}
