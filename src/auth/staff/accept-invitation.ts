import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { MemberName, NewPassword } from '../account/account-fields.ts'
import { countProof } from '../account/account-limits.ts'
import { proofByToken, spendChallenge } from '../account/challenge.ts'
import { addMember } from '../account/create-member.ts'
import { requireGoodPassword } from '../account/require-good-password.ts'
import { Transport } from '../sessions/token-answer.ts'
import { answerSignIn, signInAnswers } from '../sign-in/answer-sign-in.ts'
import { finishSignIn, type SignInOutcome } from '../sign-in/finish-sign-in.ts'
import { type InvitationRow, inviterStillMay, selectInvitations } from './invitation.ts'
import { openFor, openInvitationOf } from './read-invitation.ts'
import { refuseWhenClosed } from './send-invitation.ts'
import { lockStaff } from './staff-turn.ts'

/**
 * By the link alone. The mail's code is worth something with its challenge only, which is answered to who asks for a mail: here that is the staff, and
 * they must not have what makes somebody else's account.
 */
export const AcceptInvitationBody = Type.Object({ ...proofByToken, name: MemberName, password: NewPassword }, { additionalProperties: false })

export const acceptInvitationFlow = defineFlow({
  schema: {
    operationId: 'acceptInvitation',
    summary: "Become a member by the link of an invitation's mail, and sign in",
    tags: ['auth'],
    body: Type.Object({ ...AcceptInvitationBody.properties, transport: Transport }, { additionalProperties: false }),
    response: { ...signInAnswers, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { transport = 'body', ...body } = request.body
    return answerSignIn(request, reply, await acceptInvitation(request, body), transport)
  },
})

export async function acceptInvitation(
  request: FastifyRequest,
  { token, name, password }: Static<typeof AcceptInvitationBody>,
): Promise<SignInOutcome> {
  await countProof(request)
  await refuseWhenClosed(request)
  // Before the hash, so that a guess does not cost one.
  await requireGoodPassword(request, password)
  const { challenge, invitation } = await openInvitationOf(request, token)
  await requireGoodPassword(request, password, [invitation.email, name])
  const hash = await request.server.hasher.hash(password)
  const memberId = await request.db.$transaction((tx) => makeMember(tx, request, { challenge, name, hash }))
  // Thrown after the end of the transaction: what has become void stays so, and the staff see it in their list.
  if (!memberId) throw problem('CHALLENGE_INVALID')
  return finishSignIn(request, { memberId, epoch: 0, methods: ['invitation'] })
}

type Tx = Pick<TenantDb, 'role' | 'member' | 'password' | 'memberRole' | 'invitation' | 'auditEvent' | '$queryRaw' | '$executeRaw'>

interface Acceptance {
  challenge: string
  name: string
  hash: string
}

/** In turn with whatever takes the right to invite away: either that comes first and this is void, or the member is there before. */
async function makeMember(tx: Tx, request: FastifyRequest, { challenge, name, hash }: Acceptance): Promise<string | undefined> {
  await lockStaff(tx)
  const spent = await spendChallenge(tx, 'invitation', challenge)
  const [invitation] = spent ? await selectInvitations(tx, openFor(spent.emailKey), 1) : []
  if (!invitation) return undefined
  const { id, email, role } = invitation
  const allowed = await inviterStillMay(tx, invitation)
  const memberId = allowed ? await addMember(tx, { tenantId: request.tenant.id, email, name, hash, role }) : undefined
  if (!memberId) {
    await closeVoid(tx, request, { id, reason: allowed ? 'address-taken' : 'inviter-lost-right' })
    return undefined
  }
  await tx.invitation.updateMany({ where: { id }, data: { acceptedAt: new Date() } })
  await recordAcceptance(tx, request, { memberId, invitation })
  return memberId
}

async function closeVoid(tx: Tx, { tenant }: FastifyRequest, { id, reason }: { id: string; reason: string }): Promise<void> {
  await tx.invitation.updateMany({ where: { id }, data: { revokedAt: new Date() } })
  const system = { tenantId: tenant.id, actor: { kind: 'system' } } as const
  await recordEvent(tx, system, { action: 'invitation.revoked', target: { kind: 'invitation', id }, details: { reason } })
}

interface Accepted {
  memberId: string
  invitation: InvitationRow
}

async function recordAcceptance(tx: Tx, request: FastifyRequest, { memberId, invitation: { id, roleInLog } }: Accepted): Promise<void> {
  const origin = originOf(request, { kind: 'member', id: memberId })
  await recordEvent(tx, origin, {
    action: 'member.created',
    target: { kind: 'member', id: memberId },
    details: { by: 'invitation', role: roleInLog },
  })
  await recordEvent(tx, origin, { action: 'invitation.accepted', target: { kind: 'invitation', id }, details: { member: memberId } })
}
