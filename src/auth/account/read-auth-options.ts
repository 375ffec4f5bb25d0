import { type Static, Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { captchaProviders } from '../../security/captcha/captcha-provider.ts'
import { answerPublicly } from '../../tenancy/answer-publicly.ts'
import type { AuthPolicy } from '../../tenancy/auth-policy.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { languages } from '../../tenancy/language.ts'

const strict = { additionalProperties: false }

const AuthOptions = Type.Object(
  {
    signUp: Type.Enum(['open', 'invitation', 'domain', 'closed'], { type: 'string' }),
    mailedSignIn: Type.Boolean(),
    passkeys: Type.Boolean(),
    passwordLength: Type.Integer({ description: 'Least length of a new password' }),
    captcha: Type.Object({ provider: Type.Enum([...captchaProviders], { type: 'string' }), siteKey: Type.String({ maxLength: 200 }) }, strict),
    languages: Type.Array(Type.Enum([...languages], { type: 'string' }), { description: 'Of mails and account pages' }),
  },
  strict,
)

export const readAuthOptions = defineFlow({
  schema: {
    operationId: 'readAuthOptions',
    summary: 'What a front end needs to know to build its forms',
    tags: ['auth'],
    response: { 200: AuthOptions, ...problems(404, 503) },
  },
  handler(request, reply) {
    const { tenant, db, server } = request
    const load = async () => JSON.stringify(optionsOf(await server.authPolicies.of(tenant, db)))
    return answerPublicly(request, reply, { cache: server.publicCache, key: 'auth-options', load })
  },
})

/** Neither the listed domains nor what is asked of staff: no form needs them. */
function optionsOf({ signUp, mailedSignIn, passkeys, passwordLength, captcha }: AuthPolicy): Static<typeof AuthOptions> {
  const { provider, siteKey } = captcha
  return { signUp, mailedSignIn, passkeys, passwordLength, captcha: { provider, siteKey }, languages: [...languages] }
}
