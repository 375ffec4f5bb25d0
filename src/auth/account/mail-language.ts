import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Language, languageOf, languages } from '../../tenancy/language.ts'

export const MailLanguage = Type.Optional(Type.Enum([...languages], { type: 'string', description: "Of the mail. Default: the site's own" }))

/**
 * What a mail speaks: the member's own choice, where it is to a member who made one; else what the front end wishes; else the site's own, whatever
 * the browser is set to: what its visitors read there is in that language too.
 */
export async function mailLanguage({ db }: FastifyRequest, wish?: Language, memberId?: string | null): Promise<Language> {
  const own = memberId ? memberLanguage(await db.member.findFirst({ where: { id: memberId }, select: { language: true } })) : undefined
  const chosen = own ?? wish
  if (chosen) return chosen
  const site = await db.site.findFirst({ select: { locale: true } })
  return languageOf(site?.locale ?? '')
}

/** What the member chose. */
export function memberLanguage(member: { language: string | null } | null): Language | undefined {
  return languages.find((language) => language === member?.language)
}
