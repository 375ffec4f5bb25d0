import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { Prisma } from '../../db/generated/client.ts'
import { problem } from '../../errors.ts'
import { isId } from '../../security/random-token.ts'
import { isWithin } from './beyond-own.ts'
import { RoleSlug } from './member.ts'
import { nameInLog } from './role.ts'
import { permissionsOfMember } from './staff-turn.ts'

const strict = { additionalProperties: false }
const Moment = Type.String({ format: 'date-time', maxLength: 30 })

export const invitationStates = ['open', 'accepted', 'revoked', 'expired'] as const
export type InvitationState = (typeof invitationStates)[number]
export const InvitationStatus = Type.Enum([...invitationStates], { type: 'string' })
export const InvitationParams = Type.Object({ invitation: Type.String({ maxLength: 36 }) })

/** As the site's staff see an invitation. Its secret is for who reads the mail alone. */
export const Invitation = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    email: Type.String({ maxLength: 254 }),
    role: RoleSlug,
    status: InvitationStatus,
    invitedBy: Type.Union([Type.Object({ id: Type.String({ maxLength: 36 }), name: Type.String({ maxLength: 200 }) }, strict), Type.Null()], {
      description: 'Null where that member is gone, or an operator of the hub invited',
    }),
    createdAt: Moment,
    expiresAt: Moment,
  },
  strict,
)

export interface InvitationRow {
  id: string
  email: string
  emailKey: string
  /** What whoever invites calls the invited. */
  name: string | null
  roleId: string
  role: string
  roleName: string
  /** Of the role in the audit log. */
  roleInLog: string
  rolePermissions: string[]
  status: InvitationState
  inviterId: string | null
  inviterName: string | null
  /** By an operator of the hub, whom no member's rights bind. */
  byOperator: boolean
  createdAt: Date
  expiresAt: Date
}

type Reader = Pick<TenantDb, '$queryRaw'>

/** Newest first. */
export async function selectInvitations(db: Reader, where: Prisma.Sql, limit: number): Promise<InvitationRow[]> {
  const rows = await db.$queryRaw<(Omit<InvitationRow, 'roleInLog'> & { roleBuiltIn: boolean })[]>`
    select i.id, i.email, i.email_key as "emailKey", i.name, r.id as "roleId", r.slug as role, r.name as "roleName", r.built_in as "roleBuiltIn",
      r.permissions as "rolePermissions",
      case when i.accepted_at is not null then 'accepted' when i.revoked_at is not null then 'revoked'
        when i.expires_at <= now() then 'expired' else 'open' end as status,
      m.id as "inviterId", coalesce(i.operator_name, m.name) as "inviterName", i.operator_name is not null as "byOperator", i.created_at as "createdAt", i.expires_at as "expiresAt"
    from invitations i join roles r on r.tenant_id = i.tenant_id and r.id = i.role_id
      left join members m on m.tenant_id = i.tenant_id and m.id = i.invited_by
    where ${where} order by i.id desc limit ${limit}`
  return rows.map(({ roleBuiltIn: builtIn, ...row }) => ({ ...row, roleInLog: nameInLog({ id: row.roleId, slug: row.role, builtIn }) }))
}

/** One that can still be sent again or revoked, its time over or not: 404 INVITATION_UNKNOWN for all else. */
export async function requireOpenInvitation(db: Reader, id: string): Promise<InvitationRow> {
  const open = Prisma.sql`i.id = ${id}::uuid and i.accepted_at is null and i.revoked_at is null`
  const [found] = isId(id) ? await selectInvitations(db, open, 1) : []
  if (!found) throw problem('INVITATION_UNKNOWN')
  return found
}

/** Whether whoever invited could do so now as well. One by somebody who has lost the right meanwhile, or is gone, is void. */
export async function inviterStillMay(tx: Reader, { byOperator, inviterId, rolePermissions }: InvitationRow): Promise<boolean> {
  if (byOperator) return true
  const held = inviterId ? await permissionsOfMember(tx, inviterId) : []
  return held.includes('members:write') && isWithin(held, rolePermissions)
}

/** Links of before are worth nothing any more. */
export async function voidLinks(tx: Pick<TenantDb, 'emailChallenge'>, emailKey: string): Promise<void> {
  await tx.emailChallenge.updateMany({ where: { emailKey, purpose: 'invitation', spentAt: null }, data: { spentAt: new Date() } })
}

export function shapeInvitation({ id, email, role, status, inviterId, inviterName, createdAt, expiresAt }: InvitationRow): Static<typeof Invitation> {
  const invitedBy = inviterId === null ? null : { id: inviterId, name: inviterName ?? '' }
  return { id, email, role, status, invitedBy, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() }
}
