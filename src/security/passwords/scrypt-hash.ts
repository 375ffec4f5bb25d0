import { timingSafeEqual } from 'node:crypto'
import { type HashFormat, readBase64, type StoredHash } from './hash-format.ts'
import { deriveScrypt, isAffordableScrypt, type ScryptCosts } from './scrypt.ts'

const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/
const django = /^scrypt\$(\d{1,8})\$([^$]{1,128})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]{22,86}={0,2})$/

/** scrypt (RFC 7914) as PHC text, and as Django writes it: `scrypt$<N>$<salt>$<r>$<p>$<base64>`, where the salt is text. */
export const readScrypt: HashFormat = (stored) => {
  const [, ln, r = '', p = '', salt = '', hash = ''] = phc.exec(stored) ?? []
  if (ln) return hashOf({ cost: 2 ** Number(ln), blockSize: Number(r), parallelization: Number(p) }, readBase64(salt), hash)
  const [, n, text = '', blocks = '', lanes = '', encoded = ''] = django.exec(stored) ?? []
  return n ? hashOf({ cost: Number(n), blockSize: Number(blocks), parallelization: Number(lanes) }, Buffer.from(text), encoded) : undefined
}

function hashOf(costs: ScryptCosts, salt: Buffer | undefined, hash: string): StoredHash | undefined {
  const expected = readBase64(hash)
  if (!isAffordableScrypt(costs) || !salt || !expected) return undefined
  return {
    outdated: true,
    verify: async (password) => timingSafeEqual(await deriveScrypt(password, salt, { ...costs, length: expected.length }), expected),
  }
}
