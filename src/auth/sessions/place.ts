import { localPlace, type Place, unknownPlace } from '../../security/country.ts'
import type { Language } from '../../tenancy/language.ts'

// As Portugal and São Tomé e Príncipe write names; plain `pt` is Brazil.
const locales: Record<Language, string> = { pt: 'pt-PT', en: 'en', fr: 'fr' }
const words: Record<Language, { local: string; unknown: string }> = {
  pt: { local: 'rede local', unknown: 'lugar desconhecido' },
  en: { local: 'local network', unknown: 'unknown place' },
  fr: { local: 'réseau local', unknown: 'lieu inconnu' },
}
const names = new Map<Language, Intl.DisplayNames>()

/** A country by its name in that language, or that there is none to name. */
export function describePlace(place: Place, language: Language): string {
  const { local, unknown } = words[language]
  if (place === localPlace) return local
  return (place === unknownPlace ? undefined : namesIn(language).of(place)) ?? unknown
}

function namesIn(language: Language): Intl.DisplayNames {
  const known = names.get(language) ?? new Intl.DisplayNames([locales[language]], { type: 'region', fallback: 'none' })
  names.set(language, known)
  return known
}
