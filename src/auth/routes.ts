import type { Scope } from '../tenancy/define-flow.ts'
import { forgotPasswordFlow } from './account/forgot-password.ts'
import { readMe } from './account/read-me.ts'
import { resetPasswordFlow } from './account/reset-password.ts'
import { signUpFlow } from './account/sign-up.ts'
import { verifyEmailFlow } from './account/verify-email.ts'
import { readDiscovery, readKeys } from './keys/publish-keys.ts'
import { endOneSession } from './sessions/end-one-session.ts'
import { endOthers } from './sessions/end-others.ts'
import { listSessions } from './sessions/list-sessions.ts'
import { reauthenticateFlow } from './sessions/reauthenticate.ts'
import { refresh } from './sessions/refresh.ts'
import { signOut } from './sessions/sign-out.ts'
import { completeMailedSignInFlow } from './sign-in/complete-mailed-sign-in.ts'
import { requestMailedSignInFlow } from './sign-in/request-mailed-sign-in.ts'
import { signIn } from './sign-in/sign-in.ts'

/** For everybody. */
export async function publicAuthRoutes(scope: Scope): Promise<void> {
  scope.post('/v1/auth/sign-in', signIn)
  scope.post('/v1/auth/mailed-sign-in', requestMailedSignInFlow)
  scope.post('/v1/auth/mailed-sign-in/complete', completeMailedSignInFlow)
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
  scope.post('/v1/auth/reauthenticate', reauthenticateFlow)
  scope.get('/v1/me/sessions', listSessions)
  scope.delete('/v1/me/sessions/:session', endOneSession)
  scope.post('/v1/me/sessions/end-others', endOthers)
}
