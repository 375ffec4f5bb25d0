/**
 * The form in which a password is counted, compared with lists and hashed: one keyboard composes an é that another sends as e and an accent, or a
 * wide letter, or a space that does not break (NIST SP 800-63B-4, 3.1.1.2; Unicode NFKC).
 */
export function normalisePassword(typed: string): string {
  return typed.normalize('NFKC')
}

/** How a password may have been spelled when its hash was made: ours are of the normal form, those of others of what was typed. */
export function spellingsOf(typed: string): string[] {
  return [...new Set([normalisePassword(typed), typed])]
}

/** Letters and digits alone, without case and accents: what a look-alike is compared by. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}
