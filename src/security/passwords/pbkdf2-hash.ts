import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { affordable, type HashFormat, readBase64 } from './hash-format.ts'

const derive = promisify(pbkdf2)
const django = /^pbkdf2_(sha256|sha1)\$(\d{1,8})\$([^$]{1,128})\$([A-Za-z0-9+/]{27,43}=)$/
const sizes = { sha256: 32, sha1: 20 }

/** PBKDF2 (RFC 8018) as Django writes it: `pbkdf2_sha256$<iterations>$<salt>$<base64>`. The salt is text. */
export const readPbkdf2: HashFormat = (stored) => {
  const [, name, count, salt = '', encoded = ''] = django.exec(stored) ?? []
  const digest = name === 'sha1' ? 'sha1' : 'sha256'
  const iterations = Number(count ?? 0)
  const expected = readBase64(encoded)
  if (!affordable.pbkdf2(iterations) || expected?.length !== sizes[digest]) return undefined
  return { outdated: true, verify: async (password) => timingSafeEqual(await derive(password, salt, iterations, expected.length, digest), expected) }
}
