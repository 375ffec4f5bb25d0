import type { Scope } from '../tenancy/define-flow.ts'
import { forgotPasswordFlow } from './account/forgot-password.ts'
import { readMe } from './account/read-me.ts'
import { resetPasswordFlow } from './account/reset-password.ts'
import { signUpFlow } from './account/sign-up.ts'
import { verifyEmailFlow } from './account/verify-email.ts'
import { readDiscovery, readKeys } from './keys/publish-keys.ts'
import { refresh } from './sessions/refresh.ts'
import { signOut } from './sessions/sign-out.ts'
import { signIn } from './sign-in/sign-in.ts'
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
  scope.post('/v1/auth/sign-in', signIn)
  scope.post('/v1/auth/refresh', refresh)
  scope.post('/v1/auth/sign-up', signUpFlow)
  scope.post('/v1/auth/verify-email', verifyEmailFlow)
  scope.post('/v1/auth/forgot-password', forgotPasswordFlow)
  scope.post('/v1/auth/reset-password', resetPasswordFlow)
  scope.post('/v1/auth/read-invitation', readInvitationFlow)
  scope.post('/v1/auth/accept-invitation', acceptInvitationFlow)
  scope.get('/.well-known/jwks.json', readKeys)
  scope.get('/.well-known/openid-configuration', readDiscovery)
}

/** Staff and roles: what each asks for stands in src/tenancy/access.ts. */
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
}

/** For signed-in members. */
export async function memberAuthRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/me', readMe)
  scope.post('/v1/auth/sign-out', signOut)
}
