import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Email, requireEmailKey } from '../account/account-fields.ts'
import { countAccountRequest } from '../account/account-limits.ts'
import { ChallengeAnswer } from '../account/challenge.ts'
import { challengeByMail } from '../account/challenge-by-mail.ts'
import { MailLanguage } from '../account/mail-language.ts'
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
  { email, language, captcha }: Static<typeof MailedSignInBody>,
): Promise<ChallengeAnswer> {
  await countAccountRequest(request)
  await requireMailedSignIn(request)
  await requireSiteCaptcha(request, captcha)
  const emailKey = requireEmailKey(email)
  return challengeByMail(request, { purpose: 'sign-in', emailKey, life: mailedSignInLife, language, variables: () => ({}) })
}
