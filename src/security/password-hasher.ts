import { hash, hashRaw, verify } from '@node-rs/argon2'
import { problem } from '../errors.ts'
import { randomSecret } from './random-token.ts'

/** OWASP's first choice for Argon2id, see DEFAULTS: 19 MiB, two passes, one lane. */
export const argon2Options = { algorithm: 2 /* Argon2id */, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** `undefined`, for an account without a password or no account at all, costs the same time and is false. */
  verify(stored: string | undefined, password: string): Promise<boolean>
  /** 32 bytes of a secret under a salt that is kept beside them: where one computation has to tell which of several secrets it is. */
  derive(secret: string, salt: Uint8Array): Promise<Uint8Array<ArrayBuffer>>
}

export interface HasherLimits {
  /** Hashes computed at once; each holds a thread of libuv's pool and 19 MiB. */
  concurrency: number
  /** Callers that may wait. One more is answered 503 OVERLOADED. */
  queue: number
}

/** Argon2id off the event loop, behind a bounded queue: a storm of sign-ins must not take the process down with it. */
export function createPasswordHasher(limits: HasherLimits): PasswordHasher {
  const inTurn = createQueue(limits)
  let decoy: Promise<string> | undefined
  return {
    hash: (password) => inTurn(() => hash(password, argon2Options)),
    async verify(stored, password) {
      decoy ??= hash(randomSecret(), argon2Options)
      const against = stored ?? (await decoy)
      const matches = await inTurn(() => verify(against, password))
      return matches && stored !== undefined
    },
    derive: (secret, salt) => inTurn(async () => new Uint8Array(await hashRaw(secret, { ...argon2Options, salt }))),
  }
}

function createQueue({ concurrency, queue }: HasherLimits): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < concurrency) running++
    else {
      if (waiting.length >= queue) throw problem('OVERLOADED', { retryAfter: 1 })
      // A slot is handed over, so `running` stays as it is.
      await new Promise<void>((turn) => waiting.push(turn))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
