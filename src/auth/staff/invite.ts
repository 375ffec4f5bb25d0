import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { Prisma } from '../../db/generated/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { newId } from '../../security/random-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Email, requireEmailKey } from '../account/account-fields.ts'
import { MailLanguage, mailLanguage } from '../account/mail-language.ts'
import { invitationLife } from '../sessions/token-life.ts'
import { refuseBeyondOwn } from './beyond-own.ts'
import { Invitation, type InvitationRow, selectInvitations, shapeInvitation } from './invitation.ts'
import { RoleSlug } from './member.ts'
import { nameInLog, type RoleRow, roleFields } from './role.ts'
import { countInvitation, refuseWhenClosed, sendInvitation } from './send-invitation.ts'
import { takeStaffTurn } from './staff-turn.ts'

const InviteBody = Type.Object({ email: Email, role: RoleSlug, language: MailLanguage }, { additionalProperties: false })

export const inviteFlow = defineFlow({
  schema: {
    operationId: 'invite',
    summary: 'Invite somebody by mail, for 72 hours',
    description: 'An address has one open invitation at most: inviting it again sends a new link, and those before are worth nothing any more.',
    tags: ['staff'],
    body: InviteBody,
    response: { 200: Invitation, 201: Invitation, ...problems(400, 401, 403, 404, 409, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { created, invitation } = await invite(request, request.body)
    reply.code(created ? 201 : 200).header('cache-control', 'no-store')
    return shapeInvitation(invitation)
  },
})

interface Wish {
  emailKey: string
  role: string
}

async function invite(request: FastifyRequest, { email, role, language: wish }: Static<typeof InviteBody>) {
  const { db } = request
  await refuseWhenClosed(request)
  const emailKey = requireEmailKey(email)
  // Once before the mail is counted, so that a mistake does not keep the right one waiting; and again when nobody can come in between.
  await checkWish(db, request.caller.permissions, { emailKey, role })
  await countInvitation(request, emailKey)
  const language = await mailLanguage(request, wish)
  return db.$transaction(async (tx) => {
    const held = await takeStaffTurn(tx, request, 'members:write')
    const { wanted, open } = await checkWish(tx, held, { emailKey, role })
    const id = open?.id ?? (await makeInvitation(tx, request, { email, emailKey, roleId: wanted.id }))
    await sendInvitation(tx, request, { id, email, emailKey, roleId: wanted.id, roleName: wanted.name, roleInLog: nameInLog(wanted), language })
    const [invitation] = await selectInvitations(tx, Prisma.sql`i.id = ${id}::uuid`, 1)
    if (!invitation) throw new Error('the invitation is gone')
    return { created: !open, invitation }
  })
}

/** Staff may see members, so it tells them nothing new that an address is one's. */
async function checkWish(
  db: Pick<TenantDb, 'role' | 'member' | '$queryRaw'>,
  held: readonly string[],
  { emailKey, role }: Wish,
): Promise<{ wanted: RoleRow; open: InvitationRow | undefined }> {
  const wanted = await db.role.findFirst({ where: { slug: role }, select: roleFields })
  if (!wanted) throw problem('REQUEST_INVALID', { issues: [{ path: '/role', message: 'must be a role of this site' }] })
  refuseBeyondOwn(held, wanted.permissions, 'ROLE_BEYOND_OWN')
  if (await db.member.findFirst({ where: { emailKey }, select: { id: true } })) throw problem('MEMBER_EXISTS')
  const [open] = await selectInvitations(db, Prisma.sql`i.email_key = ${emailKey} and i.accepted_at is null and i.revoked_at is null`, 1)
  // Nor can somebody who holds less take an owner's invitation for their own.
  if (open) refuseBeyondOwn(held, open.rolePermissions, 'ROLE_BEYOND_OWN')
  return { wanted, open }
}

interface NewInvitation {
  email: string
  emailKey: string
  roleId: string
}

async function makeInvitation(tx: Pick<TenantDb, 'invitation'>, { tenant, caller }: FastifyRequest, row: NewInvitation): Promise<string> {
  const id = newId()
  const expiresAt = new Date(Date.now() + invitationLife * 1000)
  await tx.invitation.createMany({ data: [{ ...row, tenantId: tenant.id, id, invitedBy: caller.id, expiresAt }] })
  return id
}
