import type { TenantDb } from '../../db/client.ts'
import type { PasswordHasher } from '../../security/passwords/password-hasher.ts'
import { newId, randomSecretBytes } from '../../security/random-token.ts'
import { sameHash } from '../../security/refresh-token.ts'

const codesOfSet = 10
const codeLength = 10
/** Crockford's: without I, L, O and U. 32 of them, so that a byte's last five bits are a character, each as likely as the others. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export interface RecoverySet {
  /** As they are shown, once: `XXXXX-XXXXX`. */
  codes: string[]
  salt: Uint8Array<ArrayBuffer>
  hashes: Uint8Array<ArrayBuffer>[]
}

/** 50 bits a code are few enough to need a password's hash (ASVS V6.5.2). One after the other: a set must not fill the queue. */
export async function makeRecoveryCodes(hasher: Pick<PasswordHasher, 'derive'>): Promise<RecoverySet> {
  const salt = randomSecretBytes(16)
  const plain = Array.from({ length: codesOfSet }, newCode)
  const hashes: Uint8Array<ArrayBuffer>[] = []
  for (const code of plain) hashes.push(await hasher.derive(code, salt))
  return { codes: plain.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`), salt, hashes }
}

/** Case, spaces, hyphens and the letters that look like digits do not matter. Undefined for what cannot be a code. */
export function readRecoveryCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return code.length === codeLength && [...code].every((letter) => alphabet.includes(letter)) ? code : undefined
}

/** The row of an unused code of the member; one computation, whichever of the set it is. */
export async function findRecoveryCode(
  db: Pick<TenantDb, 'recoveryCode'>,
  hasher: Pick<PasswordHasher, 'derive'>,
  { memberId, typed }: { memberId: string; typed: string },
): Promise<string | undefined> {
  const code = readRecoveryCode(typed)
  const unused = await db.recoveryCode.findMany({ where: { memberId, usedAt: null }, select: { id: true, salt: true, hash: true } })
  const [first] = unused
  if (code === undefined || !first) return undefined
  const hash = await hasher.derive(code, first.salt)
  // All are compared: how long it takes does not tell which one it was.
  return unused.filter((row) => sameHash(row.hash, hash))[0]?.id
}

/** True for one of any number of simultaneous callers. */
export async function spendRecoveryCode(tx: Pick<TenantDb, 'recoveryCode'>, id: string): Promise<boolean> {
  const { count } = await tx.recoveryCode.updateMany({ where: { id, usedAt: null }, data: { usedAt: new Date() } })
  return count === 1
}

/** Puts the set in the place of whatever codes the member had. */
export async function keepRecoveryCodes(
  tx: Pick<TenantDb, 'recoveryCode'>,
  { tenantId, memberId, set }: { tenantId: string; memberId: string; set: RecoverySet },
): Promise<void> {
  await tx.recoveryCode.deleteMany({ where: { memberId } })
  await tx.recoveryCode.createMany({ data: set.hashes.map((hash) => ({ tenantId, id: newId(), memberId, salt: set.salt, hash })) })
}

function newCode(): string {
  return Array.from(randomSecretBytes(codeLength), (byte) => alphabet[byte & 31]).join('')
}
