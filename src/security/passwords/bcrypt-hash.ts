import { createHash } from 'node:crypto'
import { verify } from '@node-rs/bcrypt'
import { affordable, type HashFormat } from './hash-format.ts'

/** The variants 2a, 2b and 2y are one algorithm. 2x is that of a library whose mistake (8-bit characters) nobody should repeat: it is not read. */
const crypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/**
 * bcrypt as it is, and as Django writes it: `bcrypt$` in front, or `bcrypt_sha256$`, where the password goes through SHA-256 first. bcrypt itself
 * sees no more than 72 bytes; what is longer was cut when it was set, and is cut here.
 */
export const readBcrypt: HashFormat = (stored) => {
  const [, django = '', text = ''] = /^(bcrypt\$|bcrypt_sha256\$)?(\$2.*)$/.exec(stored) ?? []
  const cost = Number(crypt.exec(text)?.[1] ?? 0)
  if (!affordable.bcrypt(cost)) return undefined
  const prepare = django === 'bcrypt_sha256$' ? sha256Hex : (password: string) => password
  return { outdated: true, verify: (password) => verify(prepare(password), text) }
}

function sha256Hex(password: string): string {
  return createHash('sha256').update(password, 'utf8').digest('hex')
}
