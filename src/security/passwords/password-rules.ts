import { openBreachedPasswords } from './breached-passwords.ts'
import { type IsCommon, loadCommonPasswords } from './common-passwords.ts'
import { normalisePassword } from './password-text.ts'
import { isPersonal } from './personal-words.ts'

/** Why a new password is not taken. Stable: front ends show a sentence of their own for each. */
export const weaknesses = ['short', 'long', 'personal', 'common', 'breached'] as const
export type Weakness = (typeof weaknesses)[number]

export interface PasswordRules {
  /** What is wrong with a new password, given what anybody can know of its owner; undefined where nothing is. `least`: code points it must have. */
  weaknessOf(password: string, known: readonly string[], least?: number): Promise<Weakness | undefined>
}

const usualLeast = 10
const most = 128

/** In code points of the normal form (NIST SP 800-63B-4, 3.1.1.2): an accent that was typed apart does not make it longer. */
export function lengthWeakness(password: string, least: number = usualLeast): 'short' | 'long' | undefined {
  const signs = [...normalisePassword(password)].length
  if (signs < least) return 'short'
  return signs > most ? 'long' : undefined
}

/**
 * Rules for new passwords (NIST SP 800-63B-4, 3.1.1.2; ASVS V6.2): length, and no list has it. No classes of signs, no rotation. All of it is found out on
 * this machine. Throws where the folder of breached passwords is none.
 */
export async function createPasswordRules({ breachedDir }: { breachedDir: string }): Promise<PasswordRules> {
  const isBreached = await openBreachedPasswords(breachedDir)
  let common: Promise<IsCommon> | undefined
  return {
    async weaknessOf(password, known, least) {
      const wrong = lengthWeakness(password, least)
      if (wrong) return wrong
      if (isPersonal(password, known)) return 'personal'
      common ??= loadCommonPasswords()
      if ((await common)(password)) return 'common'
      return (await isBreached(password)) ? 'breached' : undefined
    },
  }
}
