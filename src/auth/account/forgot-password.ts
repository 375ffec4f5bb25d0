import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { CaptchaToken, captchaBodyLimit, requireSiteCaptcha } from '../guards/require-captcha.ts'
import { resetLife } from '../sessions/token-life.ts'
import { Email, requireEmailKey } from './account-fields.ts'
import { countAccountRequest } from './account-limits.ts'
import { ChallengeAnswer } from './challenge.ts'
import { challengeByMail } from './challenge-by-mail.ts'
import { MailLanguage } from './mail-language.ts'

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
  { email, language, captcha }: Static<typeof ForgotPasswordBody>,
): Promise<ChallengeAnswer> {
  await countAccountRequest(request)
  await requireSiteCaptcha(request, captcha)
  const emailKey = requireEmailKey(email)
  return challengeByMail(request, { purpose: 'reset-password', emailKey, life: resetLife, language, variables: (name) => ({ name }) })
}
