import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { FailureDelay } from '../src/security/failure-delay.ts'
import type { PasswordHasher } from '../src/security/password-hasher.ts'
import type { RateLimiter } from '../src/security/rate-limiter.ts'
import type { RefreshTokens } from '../src/security/refresh-token.ts'

/** How often something may be tried; each key starts with the tenant. */
export interface Limits {
  /** By tenant and network. */
  signIns: RateLimiter
  /** By tenant and account, whether the account exists or not. */
  failedSignIns: FailureDelay
  /** By tenant and session. */
  refreshes: RateLimiter
}

declare module 'fastify' {
  interface FastifyInstance {
    hasher: PasswordHasher
    refreshTokens: RefreshTokens
    limits: Limits
  }
}

export interface IdentityOptions {
  hasher: PasswordHasher
  refreshTokens: RefreshTokens
  limits: Limits
}

/** What the ways in need: password hashing, refresh tokens, limits. */
async function identityPlugin(app: FastifyInstance, { hasher, refreshTokens, limits }: IdentityOptions): Promise<void> {
  app.decorate('hasher', hasher)
  app.decorate('refreshTokens', refreshTokens)
  app.decorate('limits', limits)
}

export const identity = fp(identityPlugin, { name: 'identity', fastify: '5.x' })
