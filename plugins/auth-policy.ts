import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { AuthPolicies } from '../src/tenancy/auth-policy.ts'

declare module 'fastify' {
  interface FastifyInstance {
    authPolicies: AuthPolicies
  }
}

export interface AuthPolicyOptions {
  authPolicies: AuthPolicies
}

/** How people get into each site. */
async function authPolicyPlugin(app: FastifyInstance, { authPolicies }: AuthPolicyOptions): Promise<void> {
  app.decorate('authPolicies', authPolicies)
}

export const authPolicy = fp(authPolicyPlugin, { name: 'auth-policy', fastify: '5.x' })
