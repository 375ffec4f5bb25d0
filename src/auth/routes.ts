import type { Scope } from '../tenancy/define-flow.ts'
import { forgotPasswordFlow } from './account/forgot-password.ts'
import { passwordHint } from './account/password-hint.ts'
import { readMe } from './account/read-me.ts'
import { resetPasswordFlow } from './account/reset-password.ts'
import { signUpFlow } from './account/sign-up.ts'
import { verifyEmailFlow } from './account/verify-email.ts'
import { addPasskeyFlow, startPasskeyFlow } from './factors/add-passkey.ts'
import { confirmTotpFlow } from './factors/confirm-totp.ts'
import { listFactorsFlow } from './factors/list-factors.ts'
import { makeRecoveryCodesFlow } from './factors/make-recovery-codes.ts'
import { removePasskeyFlow, removeTotpFlow } from './factors/remove-factor.ts'
import { renamePasskeyFlow } from './factors/rename-passkey.ts'
import { startTotpFlow } from './factors/start-totp.ts'
import { listKeys, rotateKeyFlow } from './keys/manage-keys.ts'
import { readDiscovery, readKeys } from './keys/publish-keys.ts'
import { endOneSession } from './sessions/end-one-session.ts'
import { endOthers } from './sessions/end-others.ts'
import { listSessions } from './sessions/list-sessions.ts'
import { reauthenticateFlow } from './sessions/reauthenticate.ts'
import { refresh } from './sessions/refresh.ts'
import { signOut } from './sessions/sign-out.ts'
import { completeMailedSignInFlow } from './sign-in/complete-mailed-sign-in.ts'
import { enrolPasskeyFlow, enrolPasskeyOptionsFlow } from './sign-in/enrol-passkey.ts'
import { confirmEnrolledTotpFlow, enrolTotpFlow } from './sign-in/enrol-totp.ts'
import { passkeyOptionsFlow, passkeySignInFlow } from './sign-in/passkey-sign-in.ts'
import { reauthenticateOptionsFlow, secondFactorOptionsFlow } from './sign-in/passkey-steps.ts'
import { requestMailedSignInFlow } from './sign-in/request-mailed-sign-in.ts'
import { secondFactorFlow } from './sign-in/second-factor.ts'
import { signInFlow } from './sign-in/sign-in.ts'

/** For everybody. */
export async function publicAuthRoutes(scope: Scope): Promise<void> {
  scope.post('/v1/auth/sign-in', signInFlow)
  scope.post('/v1/auth/passkey/options', passkeyOptionsFlow)
  scope.post('/v1/auth/passkey', passkeySignInFlow)
  scope.post('/v1/auth/second-factor', secondFactorFlow)
  scope.post('/v1/auth/second-factor/options', secondFactorOptionsFlow)
  scope.post('/v1/auth/second-factor/totp', enrolTotpFlow)
  scope.post('/v1/auth/second-factor/totp/confirm', confirmEnrolledTotpFlow)
  scope.post('/v1/auth/second-factor/passkey-options', enrolPasskeyOptionsFlow)
  scope.post('/v1/auth/second-factor/passkey', enrolPasskeyFlow)
  scope.post('/v1/auth/mailed-sign-in', requestMailedSignInFlow)
  scope.post('/v1/auth/mailed-sign-in/complete', completeMailedSignInFlow)
  scope.post('/v1/auth/refresh', refresh)
  scope.post('/v1/auth/sign-up', signUpFlow)
  scope.post('/v1/auth/verify-email', verifyEmailFlow)
  scope.post('/v1/auth/password-hint', passwordHint)
  scope.post('/v1/auth/forgot-password', forgotPasswordFlow)
  scope.post('/v1/auth/reset-password', resetPasswordFlow)
  scope.get('/.well-known/jwks.json', readKeys)
  scope.get('/.well-known/openid-configuration', readDiscovery)
}

/** For signed-in members. */
export async function memberAuthRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/me', readMe)
  scope.post('/v1/auth/sign-out', signOut)
  scope.get('/v1/keys', listKeys)
  scope.post('/v1/keys/rotate', rotateKeyFlow)
  scope.post('/v1/auth/reauthenticate/passkey-options', reauthenticateOptionsFlow)
  scope.get('/v1/me/factors', listFactorsFlow)
  scope.post('/v1/me/totp', startTotpFlow)
  scope.post('/v1/me/totp/:factor/confirm', confirmTotpFlow)
  scope.delete('/v1/me/totp/:factor', removeTotpFlow)
  scope.post('/v1/me/recovery-codes', makeRecoveryCodesFlow)
  scope.post('/v1/me/passkeys/options', startPasskeyFlow)
  scope.post('/v1/me/passkeys', addPasskeyFlow)
  scope.patch('/v1/me/passkeys/:passkey', renamePasskeyFlow)
  scope.delete('/v1/me/passkeys/:passkey', removePasskeyFlow)
  scope.post('/v1/auth/reauthenticate', reauthenticateFlow)
  scope.get('/v1/me/sessions', listSessions)
  scope.delete('/v1/me/sessions/:session', endOneSession)
  scope.post('/v1/me/sessions/end-others', endOthers)
}
