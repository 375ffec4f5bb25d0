import type { Method } from './method.ts'

/** When and how somebody proved who they are. */
export interface Authentication {
  authenticatedAt: Date
  methods: readonly string[]
}

/** OpenID Connect Core 2, with the names of RFC 8176. */
export interface AuthenticationClaims {
  auth_time: number
  amr: string[]
}

/**
 * `mca`: over another channel, the mail. RFC 8176 has no name for what only some know, so that `otp` stays for what is a second factor: whoever
 * reads a token must not take a mailed code for one. An operator proved nothing of the member's.
 */
const references: Record<Method, string | undefined> = {
  password: 'pwd',
  'email-code': 'mca',
  'email-link': 'mca',
  invitation: 'mca',
  passkey: 'pop',
  totp: 'otp',
  'recovery-code': 'otp',
  operator: undefined,
}
const first = ['pwd', 'mca']
const second = ['otp', 'pop']

export function authenticationClaims({ authenticatedAt, methods }: Authentication): AuthenticationClaims {
  const amr = [...new Set(methods.flatMap((method) => references[method as Method] ?? []))]
  const both = [first, second].every((kind) => kind.some((reference) => amr.includes(reference)))
  return { auth_time: Math.floor(authenticatedAt.getTime() / 1000), amr: both ? [...amr, 'mfa'] : amr }
}
