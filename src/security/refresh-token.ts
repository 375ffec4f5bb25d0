import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A refresh token is base64url of: session id (16 bytes), generation (4), random secret (32), tag (16). The tag is an HMAC over the rest
 * and the tenant under a server key, so that "a token we once issued" and "a guess" can be told apart without keeping every token: only the
 * former may end a session. The database holds SHA-256 of the whole.
 */
export interface RefreshToken {
  sessionId: string
  generation: number
}

const bodyLength = 52
const tagLength = 16

/** Length of every refresh token as text. */
export const refreshTokenLength = Math.ceil(((bodyLength + tagLength) * 4) / 3)

export interface RefreshTokens {
  issue(tenantId: string, token: RefreshToken): string
  /** Undefined for anything that this tenant did not issue. */
  read(tenantId: string, text: string): RefreshToken | undefined
}

/** `keys`: the first signs, every one is accepted. */
export function createRefreshTokens(keys: readonly Buffer[]): RefreshTokens {
  const [current] = keys
  if (!current) throw new TypeError('refresh tokens need at least one key')
  return {
    issue(tenantId, { sessionId, generation }) {
      const body = Buffer.alloc(bodyLength)
      body.write(sessionId.replaceAll('-', ''), 0, 'hex')
      body.writeUInt32BE(generation, 16)
      randomBytes(32).copy(body, 20)
      return Buffer.concat([body, tag(current, tenantId, body)]).toString('base64url')
    },
    read(tenantId, text) {
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length !== bodyLength + tagLength || bytes.toString('base64url') !== text) return undefined
      const body = bytes.subarray(0, bodyLength)
      if (!keys.some((key) => timingSafeEqual(tag(key, tenantId, body), bytes.subarray(bodyLength)))) return undefined
      return { sessionId: uuid(body.toString('hex', 0, 16)), generation: body.readUInt32BE(16) }
    },
  }
}

export function hashToken(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest())
}

export function sameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Seals a token so that only the holder of `under`, another token, can read it. */
export function sealUnder(under: string, token: string): Uint8Array<ArrayBuffer> {
  // A key is used once (each token has one successor), so a fixed nonce is sound.
  const cipher = createCipheriv('aes-256-gcm', keyOf(under), Buffer.alloc(12))
  return new Uint8Array(Buffer.concat([cipher.update(token, 'latin1'), cipher.final(), cipher.getAuthTag()]))
}

export function openUnder(under: string, sealed: Uint8Array): string {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(under), Buffer.alloc(12), { authTagLength: 16 })
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString('latin1')
}

function keyOf(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', 'tenantry refresh successor', 32))
}

function tag(key: Buffer, tenantId: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update(tenantId).update(body).digest().subarray(0, tagLength)
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
