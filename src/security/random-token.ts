import { randomBytes, randomUUID } from 'node:crypto'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether a text is an id of ours: a UUID in its one canonical form, lower case. */
export function isId(text: string): boolean {
  return uuid.test(text)
}

/** 256 random bits as base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function randomSecretBytes(count: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(count))
}

let written = { now: Number.NaN, time: '' }

/** A UUID of version 7 (RFC 9562): the first 48 bits are the time in ms, so that new rows land side by side in an index. */
export function newId(now: number = Date.now()): string {
  // Every request has an id, and many come in one millisecond.
  if (written.now !== now) written = { now, time: timePart(now) }
  // The random part and the variant are version 4's, which Node draws from a pool.
  return written.time + randomUUID().slice(15)
}

function timePart(now: number): string {
  const time = now.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7`
}
