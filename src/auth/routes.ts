import type { Scope } from '../tenancy/define-flow.ts'
import { forgotPasswordFlow } from './account/forgot-password.ts'
import { readMe } from './account/read-me.ts'
import { resetPasswordFlow } from './account/reset-password.ts'
import { signUpFlow } from './account/sign-up.ts'
import { verifyEmailFlow } from './account/verify-email.ts'
import { createApiKey } from './api-keys/create-api-key.ts'
import { listApiKeys } from './api-keys/list-api-keys.ts'
import { revokeApiKey } from './api-keys/revoke-api-key.ts'
import { readDiscovery, readKeys } from './keys/publish-keys.ts'
import { refresh } from './sessions/refresh.ts'
import { signOut } from './sessions/sign-out.ts'
import { enterAsOperatorFlow } from './sign-in/enter-as-operator.ts'
import { signIn } from './sign-in/sign-in.ts'

/** For everybody. */
export async function publicAuthRoutes(scope: Scope): Promise<void> {
  scope.post('/v1/auth/sign-in', signIn)
  scope.post('/v1/auth/refresh', refresh)
  scope.post('/v1/auth/enter', enterAsOperatorFlow)
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
  scope.get('/v1/api-keys', listApiKeys)
  scope.post('/v1/api-keys', createApiKey)
  scope.delete('/v1/api-keys/:key', revokeApiKey)
}
