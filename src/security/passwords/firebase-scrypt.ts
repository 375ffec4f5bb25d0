import { createCipheriv, timingSafeEqual } from 'node:crypto'
import { type HashFormat, readBase64 } from './hash-format.ts'
import { deriveScrypt, isAffordableScrypt } from './scrypt.ts'

/** The hash parameters of a Firebase project, as its console shows them; texts are base64. */
export interface FirebaseProject {
  signerKey: string
  saltSeparator: string
  rounds: number
  memoryCost: number
}

/** A user of `firebase auth:export`. */
export interface FirebaseUser {
  passwordHash: string
  salt: string
}

/**
 * What to store for a user of a Firebase project: `$firebase-scrypt$ln=<memory cost>,r=<rounds>$<salt and separator>$<key stream>`, base64 without
 * padding.
 *
 * Firebase derives a key from the password by scrypt, and keeps the project's signer key encrypted under it (AES-256-CTR, counter from zero). The
 * signer key is one for all users, and no business of this database: it is taken out here. Encrypted is `signer key xor key stream`, so the key
 * stream is left, which depends on nothing but this user's password and salt, and which nobody gets the signer key from.
 */
export function fromFirebase({ passwordHash, salt }: FirebaseUser, { signerKey, saltSeparator, rounds, memoryCost }: FirebaseProject): string {
  const [hash, key] = [Buffer.from(passwordHash, 'base64'), Buffer.from(signerKey, 'base64')]
  if (hash.length < 32 || hash.length !== key.length) throw new TypeError('a Firebase hash is as long as its signer key')
  const stream = hash.map((byte, at) => byte ^ (key[at] ?? 0))
  const seasoned = Buffer.concat([Buffer.from(salt, 'base64'), Buffer.from(saltSeparator, 'base64')])
  return `$firebase-scrypt$ln=${memoryCost},r=${rounds}$${unpadded(seasoned)}$${unpadded(stream)}`
}

const text = /^\$firebase-scrypt\$ln=(\d{1,2}),r=(\d{1,2})\$([A-Za-z0-9+/]{2,86})\$([A-Za-z0-9+/]{43,171})$/

export const readFirebaseScrypt: HashFormat = (stored) => {
  const [, memoryCost = '', rounds = '', salt = '', stream = ''] = text.exec(stored) ?? []
  const costs = { cost: 2 ** Number(memoryCost), blockSize: Number(rounds), parallelization: 1 }
  const [seasoned, expected] = [readBase64(salt), readBase64(stream)]
  if (!isAffordableScrypt(costs) || !seasoned || !expected) return undefined
  return {
    outdated: true,
    async verify(password) {
      const key = await deriveScrypt(password, seasoned, { ...costs, length: 32 })
      const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
      return timingSafeEqual(cipher.update(Buffer.alloc(expected.length)), expected)
    },
  }
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}
