import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { CaptchaToken, captchaBodyLimit, requireSiteCaptcha } from '../guards/require-captcha.ts'
import { resetLife } from '../sessions/token-life.ts'
import { Email, requireEmailKey } from './account-fields.ts'
import { countAccountRequest, countMail } from './account-limits.ts'
import { ChallengeAnswer, openChallenge } from './challenge.ts'
import { MailLanguage, mailLanguage, memberLanguage } from './mail-language.ts'

export const ForgotPasswordBody = Type.Object({ email: Email, language: MailLanguage, captcha: CaptchaToken }, { additionalProperties: false })

export const forgotPasswordFlow = defineFlow({
  schema: {
    operationId: 'forgotPassword',
    summary: 'Ask for a mail that lets a member set a new password. The answer is the same for addresses that nobody has',
    tags: ['auth'],
    body: ForgotPasswordBody,
    response: { 202: ChallengeAnswer, ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: captchaBodyLimit,
  async handler(request, reply) {
    const answer = await forgotPassword(request, request.body)
    reply.code(202).header('cache-control', 'no-store')
    return answer
  },
})

export async function forgotPassword(
  request: FastifyRequest,
  { email, language: wish, captcha }: Static<typeof ForgotPasswordBody>,
): Promise<ChallengeAnswer> {
  const { tenant, db } = request
  const tenantId = tenant.id
  await countAccountRequest(request)
  await requireSiteCaptcha(request, captcha)
  const emailKey = requireEmailKey(email)
  await countMail(request, 'reset-password', emailKey)
  const language = await mailLanguage(request, wish)
  return db.$transaction(async (tx) => {
    const member = await tx.member.findFirst({ where: { emailKey, status: 'active' }, select: { id: true, name: true, language: true } })
    const opened = { tenantId, purpose: 'reset-password' as const, emailKey, life: resetLife }
    const answer = await openChallenge(tx, member ? { ...opened, memberId: member.id } : opened)
    // An address that nobody has costs the same statements, the job of the worker included: its mail is written and taken back.
    await tx.$executeRaw`savepoint before_mail`
    await enqueueMail(tx, {
      tenantId,
      kind: 'reset-password',
      to: emailKey,
      language: memberLanguage(member) ?? language,
      variables: { name: member?.name ?? '' },
      challengeId: answer.challenge,
      expiresAt: new Date(answer.expiresAt),
    })
    if (member) await tx.$executeRaw`release savepoint before_mail`
    else await tx.$executeRaw`rollback to savepoint before_mail`
    return answer
  })
}
