import type { FastifyRequest } from 'fastify'
import { type Language, visitorLanguage } from '../tenancy/language.ts'

/** The language of a mail that this request sends: the visitor's, else the site's. */
export async function mailLanguage({ db, headers }: FastifyRequest): Promise<Language> {
  const site = await db.site.findFirst({ select: { locale: true } })
  return visitorLanguage(headers['accept-language'], site?.locale ?? '')
}
