/** Languages that mails and account pages are written in. */
export const languages = ['pt', 'en', 'fr'] as const
export type Language = (typeof languages)[number]

/** The first language of a locale such as `pt-ST` that we speak; Portuguese, the first sites' own, where it is none of them. */
export function languageOf(locale: string): Language {
  const base = locale.slice(0, 2).toLowerCase()
  return languages.find((language) => language === base) ?? 'pt'
}

/** What a visitor reads best: the first of Accept-Language (RFC 9110, 12.5.4) that we speak, by weight, else the site's own. */
export function visitorLanguage(acceptLanguage: string | undefined, siteLocale: string): Language {
  const wishes = (acceptLanguage ?? '')
    .slice(0, 200)
    .split(',')
    .map((wish) => {
      const [tag = '', ...parameters] = wish.trim().split(';')
      const weight = parameters.map((parameter) => /^\s*q=(\d(?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find((found) => found !== undefined)
      return { base: tag.slice(0, 2).toLowerCase(), whole: /^[a-z]{2}(-|$)/i.test(tag), weight: Number(weight ?? 1) }
    })
    .filter(({ whole, weight }) => whole && weight > 0)
    .sort((one, other) => other.weight - one.weight)
  return wishes.flatMap(({ base }) => languages.filter((language) => language === base))[0] ?? languageOf(siteLocale)
}
