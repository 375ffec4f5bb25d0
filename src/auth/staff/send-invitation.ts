import type { FastifyRequest } from 'fastify'
import { type Origin, originOf, recordEvent } from '../../audit/record-event.ts'
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
  const { id: memberId } = request.caller
  const { name } = await tx.member.findFirstOrThrow({ where: { id: memberId }, select: { name: true } })
  const renewed = await renewInvitation(tx, { origin: originOf(request), memberId, name }, invitation)
  await mailInvitation(tx, { inviter: name, invitation, ...renewed })
}

export interface Inviter {
  origin: Origin
  /** Null where it is no member of the site but an operator of the hub. */
  memberId: string | null
  name: string
}

export interface Renewed {
  tenantId: string
  challenge: string
  expiresAt: Date
}

/** Its link, good for 72 hours, is the only one from now on. */
export async function renewInvitation(tx: Tx, { origin, memberId, name }: Inviter, invitation: ToSend): Promise<Renewed> {
  const { id, email, emailKey, roleId, roleInLog } = invitation
  const { tenantId } = origin
  await voidLinks(tx, emailKey)
  const opened = { tenantId, purpose: 'invitation' as const, emailKey, payload: { invitation: id }, life: invitationLife }
  const { challenge, expiresAt } = await openChallenge(tx, opened)
  const operatorName = memberId === null ? name : null
  await tx.invitation.updateMany({ where: { id }, data: { email, roleId, invitedBy: memberId, operatorName, expiresAt } })
  await recordEvent(tx, origin, { action: 'invitation.sent', target: { kind: 'invitation', id }, details: { role: roleInLog } })
  return { tenantId, challenge, expiresAt: new Date(expiresAt) }
}

interface InvitationMail extends Renewed {
  inviter: string
  invitation: Pick<ToSend, 'emailKey' | 'roleName' | 'language'>
}

export async function mailInvitation(tx: Pick<TenantDb, 'mailMessage'>, mail: InvitationMail): Promise<void> {
  const { tenantId, challenge: challengeId, expiresAt, inviter, invitation } = mail
  const { emailKey: to, roleName: role, language } = invitation
  await enqueueMail(tx, { tenantId, kind: 'invitation', to, language, variables: { inviter, role }, challengeId, expiresAt })
}
