import type { Scope } from '../tenancy/define-flow.ts'
import { forgotPasswordFlow } from './forgot-password.ts'
import { readDiscovery, readKeys } from './publish-keys.ts'
import { readMe } from './read-me.ts'
import { refresh } from './refresh.ts'
import { resetPasswordFlow } from './reset-password.ts'
import { signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'
import { signUpFlow } from './sign-up.ts'
import { verifyEmailFlow } from './verify-email.ts'

/** For everybody. */
export async function publicAuthRoutes(scope: Scope): Promise<void> {
  scope.post('/v1/auth/sign-in', signIn)
  scope.post('/v1/auth/refresh', refresh)
  scope.post('/v1/auth/sign-up', signUpFlow)
  scope.post('/v1/auth/verify-email', verifyEmailFlow)
  scope.post('/v1/auth/forgot-password', forgotPasswordFlow)
  scope.post('/v1/auth/reset-password', resetPasswordFlow)
  scope.get('/.well-known/jwks.json', readKeys)
  scope.get('/.well-known/openid-configuration', readDiscovery)
}

/** For signed-in members. */
export async function memberAuthRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/me', readMe)
  scope.post('/v1/auth/sign-out', signOut)
}
