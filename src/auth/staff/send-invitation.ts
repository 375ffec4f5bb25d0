import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem, refuseFor } from '../../errors.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import type { Language } from '../../tenancy/language.ts'
import { countMail } from '../account/account-limits.ts'
import { openChallenge } from '../account/challenge.ts'
import { invitationLife } from '../sessions/token-life.ts'
import { voidLinks } from './invitation.ts'

type Tx = Pick<TenantDb, 'emailChallenge' | 'invitation' | 'member' | 'auditEvent' | 'mailMessage'>

export interface ToSend {
  id: string
  email: string
  emailKey: string
  roleId: string
  roleName: string
  /** Of the role in the audit log. */
  roleInLog: string
  language: Language
}

/** By address, as for every mail; and by the member who invites, so that a stolen session cannot write to half the world. */
export async function countInvitation(request: FastifyRequest, emailKey: string): Promise<void> {
  const { tenant, server, caller } = request
  refuseFor(await server.limits.invitations.take(`${tenant.id} ${caller.id}`))
  await countMail(request, 'invitation', emailKey)
}

/** 403 SIGN_UP_CLOSED where the site takes nobody new, not even by invitation. */
export async function refuseWhenClosed({ server, tenant, db }: Pick<FastifyRequest, 'server' | 'tenant' | 'db'>): Promise<void> {
  if ((await server.authPolicies.of(tenant, db)).signUp === 'closed') throw problem('SIGN_UP_CLOSED')
}

/** Makes the invitation the caller's own and good for another 72 hours, with a link that takes the place of those before. */
export async function sendInvitation(tx: Tx, request: FastifyRequest, invitation: ToSend): Promise<void> {
  const { tenant, caller } = request
  const { id, email, emailKey, roleId, roleName, roleInLog, language } = invitation
  await voidLinks(tx, emailKey)
  const opened = { tenantId: tenant.id, purpose: 'invitation' as const, emailKey, payload: { invitation: id }, life: invitationLife }
  const { challenge, expiresAt } = await openChallenge(tx, opened)
  await tx.invitation.updateMany({ where: { id }, data: { email, roleId, invitedBy: caller.id, expiresAt } })
  const inviter = await tx.member.findFirstOrThrow({ where: { id: caller.id }, select: { name: true } })
  await recordEvent(tx, originOf(request), { action: 'invitation.sent', target: { kind: 'invitation', id }, details: { role: roleInLog } })
  await enqueueMail(tx, {
    tenantId: tenant.id,
    kind: 'invitation',
    to: emailKey,
    language,
    variables: { inviter: inviter.name, role: roleName },
    challengeId: challenge,
    expiresAt: new Date(expiresAt),
  })
}
