import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { CaptchaToken, captchaBodyLimit, requireSiteCaptcha } from '../guards/require-captcha.ts'
import { signUpLife } from '../sessions/token-life.ts'
import { Email, MemberName, NewPassword, requireEmailKey } from './account-fields.ts'
import { countAccountRequest, countMail } from './account-limits.ts'
import { ChallengeAnswer, openChallenge } from './challenge.ts'
import { MailLanguage, mailLanguage, memberLanguage } from './mail-language.ts'
import { requireGoodPassword } from './require-good-password.ts'
import { requireOpenSignUp, requireSignUpOf } from './sign-up-policy.ts'

export const SignUpBody = Type.Object(
  { email: Email, password: NewPassword, name: MemberName, language: MailLanguage, captcha: CaptchaToken },
  { additionalProperties: false },
)

export const signUpFlow = defineFlow({
  schema: {
    operationId: 'signUp',
    summary: 'Ask for an account. A mail to the address tells how to go on; the answer is the same for addresses that have one',
    tags: ['auth'],
    body: SignUpBody,
    response: { 202: ChallengeAnswer, ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: captchaBodyLimit,
  async handler(request, reply) {
    const answer = await signUp(request, request.body)
    reply.code(202).header('cache-control', 'no-store')
    return answer
  },
})

/**
 * No member is made before somebody has shown to read the address, so nobody can take it beforehand: each sign-up has a challenge of its own, and
 * a second one for the same address changes nothing about the first.
 */
export async function signUp(
  request: FastifyRequest,
  { email, password, name, language: wish, captcha }: Static<typeof SignUpBody>,
): Promise<ChallengeAnswer> {
  const { tenant, db, server } = request
  const tenantId = tenant.id
  const policy = await server.authPolicies.of(tenant, db)
  requireOpenSignUp(policy)
  await countAccountRequest(request)
  await requireSiteCaptcha(request, captcha)
  const emailKey = requireEmailKey(email)
  requireSignUpOf(policy, emailKey)
  await requireGoodPassword(request, password, [email, name])
  const hash = await server.hasher.hash(password)
  // After the hash: a service that is busy has sent no mail.
  await countMail(request, 'sign-up', emailKey)
  const language = await mailLanguage(request, wish)
  return db.$transaction(async (tx) => {
    const taken = await tx.member.findFirst({ where: { emailKey }, select: { language: true } })
    const opened = { tenantId, purpose: 'sign-up' as const, emailKey, life: signUpLife }
    const answer = await openChallenge(tx, taken ? opened : { ...opened, payload: { email, name, hash } })
    const mail = { tenantId, to: emailKey, language, variables: {}, expiresAt: new Date(answer.expiresAt) }
    if (taken) await enqueueMail(tx, { ...mail, kind: 'sign-up-again', language: memberLanguage(taken) ?? language })
    else await enqueueMail(tx, { ...mail, kind: 'verify-email', challengeId: answer.challenge })
    return answer
  })
}
