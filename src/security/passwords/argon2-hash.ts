import { parseOptions, verify } from '@node-rs/argon2'
import { affordable, type HashFormat } from './hash-format.ts'

/** OWASP's first choice for Argon2id, see DEFAULTS: 19 MiB, two passes, one lane. */
export const argon2Options = { algorithm: 2 /* Argon2id */, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const

/** PHC text of Argon2 1.0 and 1.3 (RFC 9106). One without a version is of 1.0. Neither a key id nor associated data. */
const phc = /^\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?m=\d{1,8},t=\d{1,8},p=\d{1,3}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/

const { memoryCost, timeCost, parallelism } = argon2Options
const own = new RegExp(`^\\$argon2id\\$v=19\\$m=${memoryCost},t=${timeCost},p=${parallelism}\\$[^$]{22}\\$[^$]{43}$`)

/** Argon2, ours and others': as PHC text, and as Django writes it (`argon2$argon2id$…`). */
export const readArgon2: HashFormat = (stored) => {
  const text = stored.startsWith('argon2$') ? stored.slice('argon2'.length) : stored
  if (!phc.test(text) || !isAffordable(text)) return undefined
  return { outdated: !own.test(stored), verify: (password) => verify(text, password) }
}

function isAffordable(text: string): boolean {
  try {
    const { memoryCost, timeCost, parallelism } = parseOptions(text)
    return affordable.memory(memoryCost * 1024, timeCost) && affordable.lanes(parallelism)
  } catch {
    // What the library does not read it would not verify either: stray bits in base64, less memory than lanes need.
    return false
  }
}
