import { type Static, Type } from 'typebox'
import { captchaProviders } from '../../security/captcha/captcha-provider.ts'
import type { AuthPolicy } from '../../tenancy/auth-policy.ts'

const strict = { additionalProperties: false }

const policyFields = {
  signUp: Type.Enum(['open', 'invitation', 'domain', 'closed'], {
    type: 'string',
    description: '`domain`: only addresses of `signUpDomains`. `invitation`: only who was invited. `closed`: nobody',
  }),
  signUpDomains: Type.Array(Type.String({ minLength: 3, maxLength: 253 }), {
    maxItems: 100,
    description: 'Exact: a sub-domain counts where it is listed itself',
  }),
  secondFactor: Type.Enum(['off', 'optional', 'staff', 'required'], {
    type: 'string',
    description: '`staff`: whoever holds a permission has to have one',
  }),
  mailedSignIn: Type.Boolean({ description: 'Whether members can sign in by a mailed code or link' }),
  passkeys: Type.Boolean(),
  passwordLength: Type.Integer({ minimum: 8, maximum: 128, description: 'Least length of a new password' }),
}
const captchaFields = {
  provider: Type.Enum([...captchaProviders], { type: 'string' }),
  siteKey: Type.String({ maxLength: 200, description: 'Public' }),
}

/** The whole of it: what is left out is refused rather than guessed. */
export const AuthPolicyBody = Type.Object(
  {
    ...policyFields,
    captcha: Type.Object(
      {
        ...captchaFields,
        secret: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Never answered. Left out: the one that is kept stays' })),
      },
      strict,
    ),
  },
  strict,
)
export type AuthPolicyBody = Static<typeof AuthPolicyBody>

export const AuthPolicyAnswer = Type.Object(
  { ...policyFields, captcha: Type.Object({ ...captchaFields, hasSecret: Type.Boolean() }, strict) },
  strict,
)

export function shapeAuthPolicy({ captcha, signUpDomains, ...policy }: AuthPolicy): Static<typeof AuthPolicyAnswer> {
  const { provider, siteKey, sealedSecret } = captcha
  return { ...policy, signUpDomains: [...signUpDomains], captcha: { provider, siteKey, hasSecret: sealedSecret !== null } }
}
