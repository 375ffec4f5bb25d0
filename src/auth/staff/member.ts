import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { Prisma } from '../../db/generated/client.ts'
import { problem } from '../../errors.ts'
import { isId } from '../../security/random-token.ts'
import { refuseBeyondOwn } from './beyond-own.ts'
import { takeStaffTurn } from './staff-turn.ts'

const strict = { additionalProperties: false }
const Moment = Type.String({ format: 'date-time', maxLength: 30 })

export const RoleSlug = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', maxLength: 63 })
export const MemberStatus = Type.Enum(['active', 'deactivated', 'closing'], {
  type: 'string',
  description: '`closing`: asked to be erased, and will be',
})
export const MemberParams = Type.Object({ member: Type.String({ maxLength: 36 }) })

/** As the site's staff see a member. */
export const Member = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    email: Type.String({ maxLength: 254 }),
    name: Type.String({ maxLength: 200 }),
    status: MemberStatus,
    roles: Type.Array(RoleSlug),
    secondFactor: Type.Boolean({ description: 'Whether one is set up: an authenticator app or a passkey' }),
    createdAt: Moment,
    lastSeenAt: Type.Union([Moment, Type.Null()], { description: 'When tokens were last asked for; null before the first sign-in' }),
  },
  strict,
)

export interface MemberRow {
  id: string
  email: string
  name: string
  status: string
  language: string | null
  roles: string[]
  permissions: string[]
  secondFactor: boolean
  createdAt: Date
  lastSeenAt: Date | null
}

type Reader = Pick<TenantDb, '$queryRaw'>

/** Newest first: ids are in the order of their making, and the key of the table is the list's index. */
export async function selectMembers(db: Reader, where: Prisma.Sql, limit: number): Promise<MemberRow[]> {
  // What an operator does in a member's place does not make the member seen.
  return db.$queryRaw<MemberRow[]>`
    select m.id, m.email, m.name, m.status, m.language, m.created_at as "createdAt",
      array(select r.slug from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
        where x.tenant_id = m.tenant_id and x.member_id = m.id order by r.slug) as roles,
      array(select distinct p from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id, unnest(r.permissions) p
        where x.tenant_id = m.tenant_id and x.member_id = m.id) as permissions,
      (select max(coalesce(s.rotated_at, s.created_at)) from sessions s
        where s.tenant_id = m.tenant_id and s.member_id = m.id and s.operator is null) as "lastSeenAt",
      exists (select from totp_factors f where f.tenant_id = m.tenant_id and f.member_id = m.id and f.confirmed_at is not null)
        or exists (select from passkeys p where p.tenant_id = m.tenant_id and p.member_id = m.id) as "secondFactor"
    from members m where ${where} order by m.id desc limit ${limit}`
}

/** 404 MEMBER_UNKNOWN for whom this site does not have. */
export async function requireMember(db: Reader, id: string): Promise<MemberRow> {
  const [found] = isId(id) ? await selectMembers(db, Prisma.sql`m.id = ${id}::uuid`, 1) : []
  if (!found) throw problem('MEMBER_UNKNOWN')
  return found
}

export interface MemberToChange {
  member: MemberRow
  /** The caller's permissions. */
  held: readonly string[]
}

/** In the caller's turn: a member who holds no more than the caller does. */
export async function memberToChange(tx: Pick<TenantDb, '$queryRaw' | '$executeRaw'>, request: FastifyRequest, id: string): Promise<MemberToChange> {
  const held = await takeStaffTurn(tx, request, 'members:write')
  const member = await requireMember(tx, id)
  refuseBeyondOwn(held, member.permissions, 'MEMBER_BEYOND_OWN')
  return { member, held }
}

export function shapeMember({ id, email, name, status, roles, secondFactor, createdAt, lastSeenAt }: MemberRow): Static<typeof Member> {
  return {
    id,
    email,
    name,
    status: status === 'active' || status === 'closing' ? status : 'deactivated',
    roles,
    secondFactor,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
  }
}
