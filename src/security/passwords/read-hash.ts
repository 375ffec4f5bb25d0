import { readArgon2 } from './argon2-hash.ts'
import { readBcrypt } from './bcrypt-hash.ts'
import { readFirebaseScrypt } from './firebase-scrypt.ts'
import type { HashFormat, StoredHash } from './hash-format.ts'
import { readPbkdf2 } from './pbkdf2-hash.ts'
import { readScrypt } from './scrypt-hash.ts'

/** Each knows its own by the first characters, so that the order says nothing but which is met most. */
const formats: readonly HashFormat[] = [readArgon2, readPbkdf2, readBcrypt, readScrypt, readFirebaseScrypt]

const longest = 512

/** Undefined where no format reads it: then it verifies nothing. */
export function readHash(stored: string): StoredHash | undefined {
  if (stored.length > longest) return undefined
  for (const read of formats) {
    const hash = read(stored)
    if (hash) return hash
  }
  return undefined
}
