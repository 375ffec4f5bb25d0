import { hash, hashRaw, verify } from '@node-rs/argon2'
import { createBoundedQueue, type QueueLimits } from '../bounded-queue.ts'
import { randomSecret } from '../random-token.ts'
import { argon2Options } from './argon2-hash.ts'
import type { StoredHash } from './hash-format.ts'
import { normalisePassword, spellingsOf } from './password-text.ts'
import { readHash } from './read-hash.ts'

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /**
   * `undefined`, for an account without a password or no account at all, costs the same time and is false; so is what no format reads. A hash of
   * another system never takes less time than that.
   */
  verify(stored: string | undefined, password: string): Promise<boolean>
  /** 32 bytes of a secret under a salt that is kept beside them: where one computation has to tell which of several secrets it is. */
  derive(secret: string, salt: Uint8Array): Promise<Uint8Array<ArrayBuffer>>
  /** Whether a stored hash is of another format than `hash` answers or has other costs, so that it should be replaced when its password is seen. */
  isOutdated(stored: string): boolean
}

/** Hashes off the event loop, behind a bounded queue: a storm of sign-ins must not take the process down with it. Each holds a thread of libuv's pool. */
export function createPasswordHasher(limits: QueueLimits): PasswordHasher {
  const inTurn = createBoundedQueue(limits)
  let decoy: Promise<string> | undefined
  return {
    hash: (password) => inTurn(() => hash(normalisePassword(password), argon2Options)),
    async verify(stored, password) {
      decoy ??= hash(randomSecret(), argon2Options)
      const unknown = await decoy
      const found = stored === undefined ? undefined : readHash(stored)
      return inTurn(async () => {
        // As many as the typed text alone has: nothing that tells accounts apart.
        for (const spelling of spellingsOf(password)) if (await matches(found, unknown, spelling)) return true
        return false
      })
    },
    derive: (secret, salt) => inTurn(async () => new Uint8Array(await hashRaw(secret, { ...argon2Options, salt }))),
    isOutdated: (stored) => readHash(stored)?.outdated ?? false,
  }
}

/** Beside another system's hash an unknown account's work is done too, so that a cheap one is no quicker. A dear one takes its own time. */
async function matches(found: StoredHash | undefined, decoy: string, password: string): Promise<boolean> {
  if (found && !found.outdated) return found.verify(password)
  const [matched] = await Promise.all([found?.verify(password) ?? false, verify(decoy, password)])
  return matched
}
