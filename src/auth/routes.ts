import type { Scope } from '../tenancy/define-flow.ts'
import { changeMeFlow } from './account/change-me.ts'
import { changePasswordFlow } from './account/change-password.ts'
import { confirmEmailChangeFlow } from './account/confirm-email-change.ts'
import { exportMe } from './account/export-me.ts'
import { forgotPasswordFlow } from './account/forgot-password.ts'
import { keepAccountFlow } from './account/keep-account.ts'
import { cancelEmailChange, readOwnEmail } from './account/pending-email-change.ts'
import { readAuthOptions } from './account/read-auth-options.ts'
import { readAuthPolicy } from './account/read-auth-policy.ts'
import { readMe } from './account/read-me.ts'
import { requestEmailChangeFlow } from './account/request-email-change.ts'
import { requestErasureFlow } from './account/request-erasure.ts'
import { resetPasswordFlow } from './account/reset-password.ts'
import { saveAuthPolicy } from './account/save-auth-policy.ts'
import { signUpFlow } from './account/sign-up.ts'
import { undoEmailChangeFlow } from './account/undo-email-change.ts'
import { verifyEmailFlow } from './account/verify-email.ts'
import { readDiscovery, readKeys } from './keys/publish-keys.ts'
import { refresh } from './sessions/refresh.ts'
import { signOut } from './sessions/sign-out.ts'
import { signIn } from './sign-in/sign-in.ts'

/** For everybody. */
export async function publicAuthRoutes(scope: Scope): Promise<void> {
  scope.post('/v1/auth/sign-in', signIn)
  scope.post('/v1/auth/refresh', refresh)
  scope.post('/v1/auth/sign-up', signUpFlow)
  scope.post('/v1/auth/verify-email', verifyEmailFlow)
  scope.post('/v1/auth/forgot-password', forgotPasswordFlow)
  scope.post('/v1/auth/reset-password', resetPasswordFlow)
  scope.post('/v1/auth/email-change/confirm', confirmEmailChangeFlow)
  scope.post('/v1/auth/email-change/undo', undoEmailChangeFlow)
  scope.post('/v1/auth/keep-account', keepAccountFlow)
  scope.get('/v1/auth/options', readAuthOptions)
  scope.get('/.well-known/jwks.json', readKeys)
  scope.get('/.well-known/openid-configuration', readDiscovery)
}

/** For signed-in members. */
export async function memberAuthRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/me', readMe)
  scope.patch('/v1/me', changeMeFlow)
  scope.post('/v1/me/password', changePasswordFlow)
  scope.get('/v1/me/email', readOwnEmail)
  scope.post('/v1/me/email', requestEmailChangeFlow)
  scope.delete('/v1/me/email', cancelEmailChange)
  scope.get('/v1/me/export', exportMe)
  scope.post('/v1/me/erasure', requestErasureFlow)
  scope.get('/v1/auth-policy', readAuthPolicy)
  scope.put('/v1/auth-policy', saveAuthPolicy)
  scope.post('/v1/auth/sign-out', signOut)
}
