import { readFile } from 'node:fs/promises'
import { normalisePassword } from './password-text.ts'

/** Whether a password is among the common ones, or one of those with little added to it. */
export type IsCommon = (password: string) => boolean

/**
 * The 49,233 most used passwords of zxcvbn, and common-passwords.txt: of the 10,000 most used that our rules would let through by their length
 * (OWASP SecLists, 10-million-password-list-top-1000000, in its order) the 8,249 that are not among them. ASVS V6.2.4 asks for 3,000.
 * Loaded at the first use and kept: 5 MB. A filter of hashes would take 0.2 MB, and would be wrong now and then without being able to say why.
 */
export async function loadCommonPasswords(): Promise<IsCommon> {
  const [{ dictionary }, text] = await Promise.all([
    import('@zxcvbn-ts/language-common'),
    readFile(new URL('common-passwords.txt', import.meta.url), 'utf8'),
  ])
  const common = new Set([...dictionary['passwords-common'], ...text.split('\n').filter(Boolean)])
  return (password) => {
    const plain = normalisePassword(password).toLowerCase()
    return common.has(plain) || isRepeated(plain, common) || basesOf(plain).some((base) => common.has(base))
  }
}

/** More than so much around a common password is something of its own: `love` and twelve random digits are hard to guess. */
const mostAdded = 8

/** `Sporting1906!` is `sporting`, and `P@ssw0rd2026` is `password`. */
function basesOf(plain: string): string[] {
  const base = plain.replace(/^[\p{N}\p{P}\p{S}\s]+/u, '').replace(/[\p{N}\p{P}\p{S}\s]+$/u, '')
  if (base.length < 4 || plain.length - base.length > mostAdded) return []
  return [base, base.replace(/[03457@$]/g, (sign) => lookAlikes[sign] ?? sign)]
}

const lookAlikes: Record<string, string> = { 0: 'o', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' }

/** One thing over and over: up to three signs, or a common password. */
function isRepeated(plain: string, common: ReadonlySet<string>): boolean {
  const unit = /^(.+?)\1+$/su.exec(plain)?.[1]
  return unit !== undefined && ([...unit].length <= 3 || common.has(unit))
}
