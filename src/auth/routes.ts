import type { Scope } from '../tenancy/define-flow.ts'
import { changeMeFlow } from './account/change-me.ts'
import { changePasswordFlow } from './account/change-password.ts'
import { confirmEmailChangeFlow } from './account/confirm-email-change.ts'
import { exportMe } from './account/export-me.ts'
import { forgotPasswordFlow } from './account/forgot-password.ts'
import { keepAccountFlow } from './account/keep-account.ts'
import { passwordHint } from './account/password-hint.ts'
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
import { createApiKey } from './api-keys/create-api-key.ts'
import { listApiKeys } from './api-keys/list-api-keys.ts'
import { revokeApiKey } from './api-keys/revoke-api-key.ts'
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
import { enterAsOperatorFlow } from './sign-in/enter-as-operator.ts'
import { passkeyOptionsFlow, passkeySignInFlow } from './sign-in/passkey-sign-in.ts'
import { reauthenticateOptionsFlow, secondFactorOptionsFlow } from './sign-in/passkey-steps.ts'
import { requestMailedSignInFlow } from './sign-in/request-mailed-sign-in.ts'
import { secondFactorFlow } from './sign-in/second-factor.ts'
import { signInFlow } from './sign-in/sign-in.ts'
import { acceptInvitationFlow } from './staff/accept-invitation.ts'
import { deactivateMember, reactivateMember } from './staff/change-member-status.ts'
import { changeRole } from './staff/change-role.ts'
import { createRole } from './staff/create-role.ts'
import { endMemberSessions } from './staff/end-member-sessions.ts'
import { inviteFlow } from './staff/invite.ts'
import { listInvitations } from './staff/list-invitations.ts'
import { listMembers } from './staff/list-members.ts'
import { listPermissions } from './staff/list-permissions.ts'
import { listRoles } from './staff/list-roles.ts'
import { readInvitationFlow } from './staff/read-invitation.ts'
import { readMember } from './staff/read-member.ts'
import { removeMemberFactors } from './staff/remove-member-factors.ts'
import { removeRole } from './staff/remove-role.ts'
import { renameMember } from './staff/rename-member.ts'
import { revokeInvitation } from './staff/revoke-invitation.ts'
import { sendInvitationAgain } from './staff/send-invitation-again.ts'
import { setMemberRoles } from './staff/set-member-roles.ts'

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
  scope.post('/v1/auth/enter', enterAsOperatorFlow)
  scope.post('/v1/auth/sign-up', signUpFlow)
  scope.post('/v1/auth/verify-email', verifyEmailFlow)
  scope.post('/v1/auth/password-hint', passwordHint)
  scope.post('/v1/auth/forgot-password', forgotPasswordFlow)
  scope.post('/v1/auth/reset-password', resetPasswordFlow)
  scope.post('/v1/auth/email-change/confirm', confirmEmailChangeFlow)
  scope.post('/v1/auth/email-change/undo', undoEmailChangeFlow)
  scope.post('/v1/auth/keep-account', keepAccountFlow)
  scope.get('/v1/auth/options', readAuthOptions)
  scope.post('/v1/auth/read-invitation', readInvitationFlow)
  scope.post('/v1/auth/accept-invitation', acceptInvitationFlow)
  scope.get('/.well-known/jwks.json', readKeys)
  scope.get('/.well-known/openid-configuration', readDiscovery)
}

/** For a site's staff: what each asks for stands in src/tenancy/access.ts. */
export async function staffAuthRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/members', listMembers)
  scope.get('/v1/members/:member', readMember)
  scope.patch('/v1/members/:member', renameMember)
  scope.put('/v1/members/:member/roles', setMemberRoles)
  scope.post('/v1/members/:member/deactivate', deactivateMember)
  scope.post('/v1/members/:member/reactivate', reactivateMember)
  scope.post('/v1/members/:member/end-sessions', endMemberSessions)
  scope.delete('/v1/members/:member/factors', removeMemberFactors)
  scope.get('/v1/roles', listRoles)
  scope.post('/v1/roles', createRole)
  scope.patch('/v1/roles/:role', changeRole)
  scope.delete('/v1/roles/:role', removeRole)
  scope.get('/v1/permissions', listPermissions)
  scope.get('/v1/invitations', listInvitations)
  scope.post('/v1/invitations', inviteFlow)
  scope.delete('/v1/invitations/:invitation', revokeInvitation)
  scope.post('/v1/invitations/:invitation/send-again', sendInvitationAgain)
  scope.get('/v1/auth-policy', readAuthPolicy)
  scope.put('/v1/auth-policy', saveAuthPolicy)
  scope.get('/v1/keys', listKeys)
  scope.post('/v1/keys/rotate', rotateKeyFlow)
  scope.get('/v1/api-keys', listApiKeys)
  scope.post('/v1/api-keys', createApiKey)
  scope.delete('/v1/api-keys/:key', revokeApiKey)
}

/** For signed-in members. */
export async function memberAuthRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/me', readMe)
  scope.patch('/v1/me', changeMeFlow)
  scope.post('/v1/me/password', changePasswordFlow)
  scope.get('/v1/me/email', readOwnEmail)
  scope.post('/v1/me/email', requestEmailChangeFlow)
  scope.delete('/v1/me/email', cancelEmailChange)
  scope.get('/v1/me/export', { ...exportMe, exposeHeadRoute: false })
  scope.post('/v1/me/erasure', requestErasureFlow)
  scope.post('/v1/auth/sign-out', signOut)
  scope.post('/v1/auth/reauthenticate', reauthenticateFlow)
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
  scope.get('/v1/me/sessions', listSessions)
  scope.delete('/v1/me/sessions/:session', endOneSession)
  scope.post('/v1/me/sessions/end-others', endOthers)
}
