import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { languageOf } from '../../tenancy/language.ts'
import { Email, requireEmailKey } from '../account/account-fields.ts'
import { countAccountRequest, countMail } from '../account/account-limits.ts'
import { ChallengeAnswer, openChallenge } from '../account/challenge.ts'
import { MailLanguage, mailLanguage } from '../account/mail-language.ts'
import { CaptchaToken, captchaBodyLimit, requireSiteCaptcha } from '../guards/require-captcha.ts'
import { mailedSignInLife } from '../sessions/token-life.ts'
import { requireMailedSignIn } from './mailed-sign-in-policy.ts'

export const MailedSignInBody = Type.Object({ email: Email, language: MailLanguage, captcha: CaptchaToken }, { additionalProperties: false })

export const requestMailedSignInFlow = defineFlow({
  schema: {
    operationId: 'requestMailedSignIn',
    summary: 'Ask for a mail with a link and a code to sign in by. The answer is the same for addresses that nobody has',
    tags: ['auth'],
    body: MailedSignInBody,
    response: { 202: ChallengeAnswer, ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: captchaBodyLimit,
  async handler(request, reply) {
    const answer = await requestMailedSignIn(request, request.body)
    reply.code(202).header('cache-control', 'no-store')
    return answer
  },
})

export async function requestMailedSignIn(
  request: FastifyRequest,
  { email, language: wish, captcha }: Static<typeof MailedSignInBody>,
): Promise<ChallengeAnswer> {
  const { tenant, db } = request
  const tenantId = tenant.id
  await countAccountRequest(request)
  await requireMailedSignIn(request)
  await requireSiteCaptcha(request, captcha)
  const emailKey = requireEmailKey(email)
  await countMail(request, 'sign-in', emailKey)
  const siteLanguage = await mailLanguage(request, wish)
  return db.$transaction(async (tx) => {
    const member = await tx.member.findFirst({ where: { emailKey, status: 'active' }, select: { id: true, language: true } })
    const opened = { tenantId, purpose: 'sign-in' as const, emailKey, life: mailedSignInLife }
    const answer = await openChallenge(tx, member ? { ...opened, memberId: member.id } : opened)
    const language = wish ?? (member?.language ? languageOf(member.language) : siteLanguage)
    // As for a forgotten password: an address that nobody has costs the same statements, and its mail is taken back.
    await tx.$executeRaw`savepoint before_mail`
    const challenge = { challengeId: answer.challenge, expiresAt: new Date(answer.expiresAt) }
    await enqueueMail(tx, { tenantId, kind: 'sign-in', to: emailKey, language, variables: {}, ...challenge })
    if (member) await tx.$executeRaw`release savepoint before_mail`
    else await tx.$executeRaw`rollback to savepoint before_mail`
    return answer
  })
}
