import type { FastifyRequest } from 'fastify'
import type { MailVariables } from '../../jobs/mail-kinds.ts'
import type { Language } from '../../tenancy/language.ts'
import { countMail } from './account-limits.ts'
import { type ChallengeAnswer, openChallenge } from './challenge.ts'
import { mailLanguage, memberLanguage } from './mail-language.ts'
import { mailOrTakeBack } from './mail-or-take-back.ts'

export interface MailedChallenge<Kind extends 'reset-password' | 'sign-in'> {
  /** Of the challenge, and the kind of its mail. */
  purpose: Kind
  emailKey: string
  /** Seconds. */
  life: number
  /** What the front end would have the mail speak. */
  language: Language | undefined
  /** From the member's name. */
  variables: (name: string) => MailVariables<Kind>
}

/** Mails a challenge to the active member of the address; answers the same, at the same cost, where there is none. 429 RATE_LIMITED. */
export async function challengeByMail<Kind extends 'reset-password' | 'sign-in'>(
  request: FastifyRequest,
  { purpose, emailKey, life, language: wish, variables }: MailedChallenge<Kind>,
): Promise<ChallengeAnswer> {
  const { tenant, db } = request
  const tenantId = tenant.id
  await countMail(request, purpose, emailKey)
  const siteLanguage = await mailLanguage(request, wish)
  return db.$transaction(async (tx) => {
    const member = await tx.member.findFirst({ where: { emailKey, status: 'active' }, select: { id: true, name: true, language: true } })
    const opened = { tenantId, purpose, emailKey, life }
    const answer = await openChallenge(tx, member ? { ...opened, memberId: member.id } : opened)
    const language = memberLanguage(member) ?? siteLanguage
    const challenge = { challengeId: answer.challenge, expiresAt: new Date(answer.expiresAt) }
    const mail = { tenantId, kind: purpose, to: emailKey, language, variables: variables(member?.name ?? ''), ...challenge }
    await mailOrTakeBack(tx, mail, member !== null)
    return answer
  })
}
