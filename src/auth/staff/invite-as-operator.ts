import type { TenantDb } from '../../db/client.ts'
import { Prisma } from '../../db/generated/client.ts'
import { problem } from '../../errors.ts'
import { emailKey } from '../../security/email-address.ts'
import { newId } from '../../security/random-token.ts'
import type { Language } from '../../tenancy/language.ts'
import { invitationLife } from '../sessions/token-life.ts'
import { selectInvitations } from './invitation.ts'
import { nameInLog, roleFields } from './role.ts'
import { mailInvitation, type Renewed, renewInvitation } from './send-invitation.ts'
import { lockStaff } from './staff-turn.ts'

export interface OperatorInvitation {
  tenantId: string
  email: string
  /** Of the invited, where it is known. */
  name?: string | undefined
  /** Slug of a role of the site. */
  role: string
  /** The name of the hub, in the mail and on the page. */
  inviter: string
  language: Language
  /** False where the link reaches its reader another way. */
  byMail: boolean
}

type Tx = Pick<
  TenantDb,
  'role' | 'member' | 'invitation' | 'authPolicy' | 'emailChallenge' | 'auditEvent' | 'mailMessage' | '$queryRaw' | '$executeRaw'
>

/** As a site's own staff invite, in a transaction of the caller's; but nothing is counted, and no role is beyond an operator. */
export async function inviteAsOperator(tx: Tx, wish: OperatorInvitation): Promise<Renewed> {
  const { tenantId, email, name, inviter, language, byMail } = wish
  const key = emailKey(email)
  if (!key) throw problem('REQUEST_INVALID', { issues: [{ path: '/email', message: 'must be a plain e-mail address' }] })
  await lockStaff(tx)
  const policy = await tx.authPolicy.findFirst({ select: { signUp: true } })
  if (policy?.signUp === 'closed') throw problem('SIGN_UP_CLOSED')
  const role = await tx.role.findFirst({ where: { slug: wish.role }, select: roleFields })
  if (!role) throw problem('ROLE_UNKNOWN')
  if (await tx.member.findFirst({ where: { emailKey: key }, select: { id: true } })) throw problem('MEMBER_EXISTS')
  const [open] = await selectInvitations(tx, Prisma.sql`i.email_key = ${key} and i.accepted_at is null and i.revoked_at is null`, 1)
  const id = open?.id ?? newId()
  if (!open) {
    const expiresAt = new Date(Date.now() + invitationLife * 1000)
    await tx.invitation.createMany({ data: [{ tenantId, id, email, emailKey: key, roleId: role.id, operatorName: inviter, expiresAt }] })
  }
  if (name !== undefined) await tx.invitation.updateMany({ where: { id }, data: { name } })
  const invitation = { id, email, emailKey: key, roleId: role.id, roleName: role.name, roleInLog: nameInLog(role), language }
  const origin = { tenantId, actor: { kind: 'operator' } } as const
  const renewed = await renewInvitation(tx, { origin, memberId: null, name: inviter }, invitation)
  if (byMail) await mailInvitation(tx, { inviter, invitation, ...renewed })
  return renewed
}
