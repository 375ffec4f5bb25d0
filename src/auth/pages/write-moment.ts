import type { FastifyRequest } from 'fastify'
import type { Language } from '../../tenancy/language.ts'

// As Portugal, São Tomé e Príncipe and Europe write dates; plain `pt` is Brazil.
const varieties: Record<Language, string> = { pt: 'pt-PT', en: 'en-GB', fr: 'fr-FR' }

/** Writes moments as HTML, in the site's time zone and the visitor's language. */
export async function momentWriter({ db }: FastifyRequest, language: Language): Promise<(moment: string) => string> {
  const site = await db.site.findFirst({ select: { timeZone: true } })
  const format = formatIn(varieties[language], site?.timeZone ?? 'UTC')
  return (moment) => `<time datetime="${moment}">${format.format(new Date(moment))}</time>`
}

function formatIn(locale: string, timeZone: string): Intl.DateTimeFormat {
  const parts = { dateStyle: 'long', timeStyle: 'short' } as const
  try {
    return new Intl.DateTimeFormat(locale, { ...parts, timeZone })
  } catch {
    // A time zone that this version of ICU does not know.
    return new Intl.DateTimeFormat(locale, { ...parts, timeZone: 'UTC' })
  }
}
