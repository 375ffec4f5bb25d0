import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { SecretKey } from '../config.ts'

/** What a sealed value belongs to. Bound in as associated data, so that a value copied to another tenant or field does not open. */
export interface SecretPlace {
  tenantId: string
  /** `table.column` */
  field: string
}

export interface SecretBox {
  /** Answers `v1.<key id>.<base64url of nonce, tag and ciphertext>`. */
  seal(plain: string, place: SecretPlace): string
  /** Throws when the key is unknown, the place differs or a bit was changed. */
  open(sealed: string, place: SecretPlace): string
  /** Whether it is sealed under another key than the first, so that this other one cannot be thrown away yet. */
  needsReseal(sealed: string): boolean
  /** A 32-byte key of its own for one purpose, derived from the newest key first (HKDF-SHA-256, RFC 5869). */
  deriveKeys(purpose: string): readonly Buffer[]
}

/** AES-256-GCM under a ring of keys: the first seals, every one opens. */
export function createSecretBox(ring: readonly SecretKey[]): SecretBox {
  const [current] = ring
  if (!current) throw new TypeError('a secret box needs at least one key')
  return {
    seal(plain, place) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce).setAAD(associated(place))
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return `v1.${current.id}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(sealed, place) {
      const [version, id, body] = sealed.split('.')
      const entry = ring.find((candidate) => candidate.id === id)
      if (version !== 'v1' || !entry || !body) throw new Error(`no key of SECRET_KEYS opens ${place.field}`)
      const bytes = Buffer.from(body, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', entry.key, bytes.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(associated(place)).setAuthTag(bytes.subarray(12, 28))
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    },
    needsReseal: (sealed) => !sealed.startsWith(`v1.${current.id}.`),
    deriveKeys: (purpose) => ring.map(({ key }) => Buffer.from(hkdfSync('sha256', key, '', `tenantry ${purpose}`, 32))),
  }
}

function associated({ tenantId, field }: SecretPlace): Buffer {
  return Buffer.from(`${tenantId}|${field}`)
}
