import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Tenant } from './directory.ts'

/** A finished answer to a public read. */
export interface PublicAnswer {
  /** UTF-8, a character for each byte: V8 holds it in that many bytes, and a socket takes it without encoding. */
  bytes: string
  etag: string
}

export interface PublicCache {
  /** The answer kept for this version of the tenant, or the one `load` makes; simultaneous callers share one load. */
  read(tenant: Tenant, key: string, load: () => Promise<string>): PublicAnswer | Promise<PublicAnswer>
}

/**
 * Answers that are the same for everybody. The key holds the tenant's version, which every change raises in its own transaction: nothing is
 * ever dropped by hand, and an answer read after the version is never older than it. `maxBytes` 0 keeps nothing.
 */
export function createPublicCache(maxBytes: number): PublicCache {
  const kept = maxBytes > 0 ? new LRUCache<string, PublicAnswer>({ maxSize: maxBytes, sizeCalculation }) : undefined
  const flights = new Map<string, Promise<PublicAnswer>>()
  return {
    read({ id, version }, key, load) {
      const name = `${id} ${version} ${key}`
      const known = kept?.get(name)
      if (known) return known
      const underWay = flights.get(name)
      if (underWay) return underWay
      const flight = load()
        .then((body) => {
          const answer = {
            bytes: Buffer.from(body).toString('latin1'),
            etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
          }
          kept?.set(name, answer)
          return answer
        })
        .finally(() => flights.delete(name))
      flights.set(name, flight)
      return flight
    },
  }
}

function sizeCalculation({ bytes }: PublicAnswer, key: string): number {
  return bytes.length + 2 * key.length + 200
}

/** If-None-Match, RFC 9110 section 13.1.2: weak comparison, a list, or `*`. */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header === etag || header === '*') return true
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}
