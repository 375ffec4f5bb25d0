import { createHash } from 'node:crypto'
import type { PublicJwk } from '../../security/signing-key.ts'
import { retiredKeyLife } from '../sessions/token-life.ts'

/** A site's keys as they are at one moment. */
export interface KeySet {
  /** What signs. Throws where nothing can: there is no key, or none that SECRET_KEYS open. What verifies goes on without it. */
  readonly current: { kid: string; privatePem: string }
  /** SPKI PEM by `kid`: every key that may still have live tokens, or soon will. */
  publicPems: ReadonlyMap<string, string>
  jwks: { keys: PublicJwk[] }
  /** Of the JWKS. */
  etag: string
}

/** A row of `signing_keys`, opened. */
export interface OpenedKey {
  jwk: PublicJwk
  publicPem: string
  /** Undefined where it was wiped, or no key of SECRET_KEYS opens it. */
  privatePem: string | undefined
  /** Milliseconds, as `retiredAt`. */
  activatesAt: number
  /** Infinity of the newest one. */
  retiredAt: number
}

export interface KeySets {
  at(now: number): KeySet
}

/**
 * The same rows make another set as time goes by, without a message to anybody: a key that has been published for long enough signs, the one before
 * rests, and in the end is published no more. A set is made once for each such stretch of time.
 */
export function createKeySets(keys: readonly OpenedKey[]): KeySets {
  const turns = keys.flatMap(({ activatesAt, retiredAt }) => [activatesAt, retiredAt, withdrawnAt(retiredAt)])
  let kept: { set: KeySet; from: number; until: number } | undefined
  return {
    at(now) {
      if (!kept || now < kept.from || now >= kept.until) {
        kept = { set: keySetAt(keys, now), from: now, until: Math.min(...turns.filter((turn) => turn > now)) }
      }
      return kept.set
    },
  }
}

export function withdrawnAt(retiredAt: number): number {
  return retiredAt + retiredKeyLife * 1000
}

function keySetAt(keys: readonly OpenedKey[], now: number): KeySet {
  const published = keys.filter(({ retiredAt }) => withdrawnAt(retiredAt) > now)
  const signer = signerAt(published, now)
  const jwks = { keys: published.map(({ jwk }) => jwk) }
  return {
    get current() {
      if (signer?.privatePem === undefined) throw new Error(noSigner(keys))
      return { kid: signer.jwk.kid, privatePem: signer.privatePem }
    },
    publicPems: new Map(published.map(({ jwk, publicPem }) => [jwk.kid, publicPem])),
    jwks,
    etag: `"${createHash('sha256').update(JSON.stringify(jwks)).digest('base64url').slice(0, 22)}"`,
  }
}

/**
 * The newest that is active. A clock that is behind may find none, when the private half of the one before has been wiped already: then the next one,
 * which everybody has had in the JWKS for a while.
 */
function signerAt(keys: readonly OpenedKey[], now: number): OpenedKey | undefined {
  const able = keys.filter(({ privatePem, retiredAt }) => privatePem !== undefined && retiredAt > now)
  const inOrder = able.toSorted((one, other) => one.activatesAt - other.activatesAt)
  return inOrder.findLast(({ activatesAt }) => activatesAt <= now) ?? inOrder[0]
}

function noSigner(keys: readonly OpenedKey[]): string {
  return keys.length === 0 ? 'the site has no signing key' : 'no key of SECRET_KEYS opens the signing key of the site'
}
