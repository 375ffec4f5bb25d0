import { foldText } from './password-text.ts'

/** Shorter ones occur in any sentence: they count only where there is little beside them. */
const longWord = 5
const leastBeside = 8

/**
 * Whether a password gives away what anybody can know: the member's name and address, the site's names (ASVS V6.2.11). Words are compared without
 * case, accents and signs.
 */
export function isPersonal(password: string, texts: readonly string[]): boolean {
  const plain = foldText(password)
  const words = [...new Set(texts.flatMap(wordsOf))].sort((one, other) => other.length - one.length)
  if (words.some((word) => word.length >= longWord && plain.includes(word))) return true
  const beside = words.reduce((rest, word) => rest.replaceAll(word, ''), plain)
  return beside !== plain && beside.length < leastBeside
}

/** `maria.silva@people.example`: the whole, what is before the at sign, and its parts. A name likewise. */
function wordsOf(text: string): string[] {
  const [local = ''] = text.split('@')
  return [text, local, ...local.split(/[^\p{L}\p{M}\p{N}]+/u)].map(foldText).filter((word) => word.length >= 3)
}
