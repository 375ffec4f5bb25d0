import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Language, languageOf, languages } from '../../tenancy/language.ts'

export const MailLanguage = Type.Optional(Type.Enum([...languages], { type: 'string', description: "Of the mail. Default: the site's own" }))

/** The site's own, whatever the browser is set to: what its visitors read there is in that language too. A front end that knows better says so. */
export async function mailLanguage({ db }: FastifyRequest, wish?: Language): Promise<Language> {
  if (wish) return wish
  const site = await db.site.findFirst({ select: { locale: true } })
  return languageOf(site?.locale ?? '')
}
