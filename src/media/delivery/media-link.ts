import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SecretBox } from '../../security/secret-box.ts'

/** Whoever has such an address reads one private file until it expires. */
export interface MediaLink {
  tenantId: string
  mediaId: string
  /** Seconds since 1970. */
  expires: number
}

/** An HMAC under the newest key of the ring. */
export function signLink(box: SecretBox, link: MediaLink): string {
  const [newest] = box.deriveKeys(purpose)
  if (!newest) throw new TypeError('links need at least one key')
  return mac(newest, link).toString('base64url')
}

/** Whether it has not expired, and any key of the ring made it. In constant time. */
export function isSigned(box: SecretBox, link: MediaLink, signature: string, now: number = Date.now()): boolean {
  const given = Buffer.from(signature, 'base64url')
  const made = box.deriveKeys(purpose).map((key) => mac(key, link))
  return link.expires * 1000 > now && made.some((one) => one.length === given.length && timingSafeEqual(one, given))
}

const purpose = 'media links'

function mac(key: Buffer, { tenantId, mediaId, expires }: MediaLink): Buffer {
  return createHmac('sha256', key).update(`${tenantId}|${mediaId}|${expires}`).digest()
}
