import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { ChallengeMint } from '../src/security/challenge-secrets.ts'
import type { FailureDelay } from '../src/security/failure-delay.ts'
import type { PasswordHasher } from '../src/security/passwords/password-hasher.ts'
import type { PasswordHints } from '../src/security/passwords/password-hints.ts'
import type { PasswordRules } from '../src/security/passwords/password-rules.ts'
import type { RateLimiter } from '../src/security/rate-limiter.ts'
import type { RefreshTokens } from '../src/security/refresh-token.ts'
import type { SecretBox } from '../src/security/secret-box.ts'

/** How often something may be tried; each key starts with the tenant. */
export interface Limits {
  /** By tenant and network. */
  signIns: RateLimiter
  /** By tenant and account, whether the account exists or not. */
  failedSignIns: FailureDelay
  /** API keys that are wrong: by tenant and network. */
  failedKeys: RateLimiter
  /** By tenant and session. */
  refreshes: RateLimiter
  /** Requests that may end in a mail to a stranger: by tenant and network. */
  accountRequests: RateLimiter
  accountRequestsDaily: RateLimiter
  /** By tenant and network. */
  passwordHints: RateLimiter
  /** What costs a signed-in member little and us much (hashes, mails, exports): by tenant and member. */
  dearActs: RateLimiter
  /** Links and codes that are tried: by tenant and network. */
  proofs: RateLimiter
  /** Mails that anybody can ask for, by tenant, purpose and address, whether it is known or not: 60 s apart, and five an hour. */
  mailsSoon: RateLimiter
  mailsHourly: RateLimiter
  /** Mails that staff send to whom they invite: by tenant and member. */
  invitations: RateLimiter
  /** By tenant and network. */
  formPosts: RateLimiter
  formPostsDaily: RateLimiter
  /** Connections to mail servers and look-ups in DNS that staff ask for, by tenant. */
  mailChecks: RateLimiter
}

declare module 'fastify' {
  interface FastifyInstance {
    hasher: PasswordHasher
    passwordRules: PasswordRules
    passwordHints: PasswordHints
    refreshTokens: RefreshTokens
    challengeMint: ChallengeMint
    secretBox: SecretBox
    limits: Limits
  }
}

export interface IdentityOptions {
  hasher: PasswordHasher
  passwordRules: PasswordRules
  passwordHints: PasswordHints
  refreshTokens: RefreshTokens
  challengeMint: ChallengeMint
  secretBox: SecretBox
  limits: Limits
}

/** What the ways in need: password hashing and rules, tokens and codes, sealed secrets, limits. */
async function identityPlugin(app: FastifyInstance, { hasher, passwordRules, passwordHints, ...rest }: IdentityOptions): Promise<void> {
  const { refreshTokens, challengeMint, secretBox, limits } = rest
  app.decorate('hasher', hasher)
  app.decorate('passwordRules', passwordRules)
  app.decorate('passwordHints', passwordHints)
  app.addHook('onClose', () => passwordHints.close())
  app.decorate('refreshTokens', refreshTokens)
  app.decorate('challengeMint', challengeMint)
  app.decorate('secretBox', secretBox)
  app.decorate('limits', limits)
}

export const identity = fp(identityPlugin, { name: 'identity', fastify: '5.x' })
