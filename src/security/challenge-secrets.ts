import { createHmac, timingSafeEqual } from 'node:crypto'
import { hashToken, sameHash } from './refresh-token.ts'

/** What a mail carries to prove that it was read. Both belong to one challenge of one tenant. */
export interface ChallengeSecrets {
  /** For the link: 256 bits as base64url. */
  token: string
  /** For typing: six digits. */
  code: string
  tokenHash: Uint8Array<ArrayBuffer>
  codeHash: Uint8Array<ArrayBuffer>
}

export interface ChallengeMint {
  /**
   * The same secrets for the same challenge, so that a mail that is sent again says what the first one said. `known`: the hash kept at the first
   * time, which tells the key it was made under once the ring has turned.
   */
  mint(tenantId: string, challengeId: string, known?: Uint8Array): ChallengeSecrets
  /** Whether `code` is the one that `codeHash` was kept of. In constant time. */
  codeMatches(code: string, codeHash: Uint8Array): boolean
}

export const codeDigits = 6

/**
 * Tokens and codes are HMACs of the challenge under server keys: nothing that could be stolen lies in the database or in a job. `keys`: the first
 * makes, all are tried.
 */
export function createChallengeMint(keys: readonly Buffer[]): ChallengeMint {
  const [current] = keys
  if (!current) throw new TypeError('challenges need at least one key')
  const under = (key: Buffer, tenantId: string, challengeId: string): ChallengeSecrets => {
    const token = derive(key, `token|${tenantId}|${challengeId}`).toString('base64url')
    // 64 bits over a million: no digit is likelier than another by more than 10^-13.
    const number = derive(key, `code|${tenantId}|${challengeId}`).readBigUInt64BE() % BigInt(10 ** codeDigits)
    const code = number.toString().padStart(codeDigits, '0')
    return { token, code, tokenHash: hashToken(token), codeHash: hashCode(key, code) }
  }
  return {
    mint(tenantId, challengeId, known) {
      const secrets = keys.map((key) => under(key, tenantId, challengeId))
      return (known && secrets.find(({ tokenHash }) => sameHash(tokenHash, known))) || under(current, tenantId, challengeId)
    },
    codeMatches: (code, codeHash) => keys.some((key) => equal(hashCode(key, code), codeHash)),
  }
}

function derive(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function hashCode(key: Buffer, code: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(derive(key, `kept code|${code}`))
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
