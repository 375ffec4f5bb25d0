import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Prisma } from '../../db/generated/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof } from '../account/account-limits.ts'
import { proofByToken, proveChallenge } from '../account/challenge.ts'
import { type InvitationRow, inviterStillMay, selectInvitations } from './invitation.ts'

export const ReadInvitationBody = Type.Object(proofByToken, { additionalProperties: false })

const ShownInvitation = Type.Object(
  {
    site: Type.String({ maxLength: 200 }),
    role: Type.String({ maxLength: 200, description: 'Its name' }),
    inviter: Type.String({ maxLength: 200 }),
    email: Type.String({ maxLength: 254, description: 'The address that the account will have' }),
    name: Type.Union([Type.String({ maxLength: 200 }), Type.Null()], { description: 'What whoever invites calls the invited' }),
    expiresAt: Type.String({ format: 'date-time', maxLength: 30 }),
  },
  { additionalProperties: false },
)

export const readInvitationFlow = defineFlow({
  schema: {
    operationId: 'readInvitation',
    summary: "What an invitation is to, by the mail's link. It stays as good as it is",
    tags: ['auth'],
    // A body rather than an address: the token stays out of logs.
    body: ReadInvitationBody,
    response: { 200: ShownInvitation, ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return readInvitation(request, request.body.token)
  },
})

/** 400 CHALLENGE_INVALID for every link that could not be accepted now. */
export async function readInvitation(request: FastifyRequest, token: string): Promise<Static<typeof ShownInvitation>> {
  await countProof(request)
  const { invitation } = await openInvitationOf(request, token)
  const site = await request.db.site.findFirst({ select: { name: true } })
  const { roleName, inviterName, email, name, expiresAt } = invitation
  return { site: site?.name ?? '', role: roleName, inviter: inviterName ?? '', email, name, expiresAt: expiresAt.toISOString() }
}

/** The invitation behind a link, and the challenge to spend. */
export async function openInvitationOf(request: FastifyRequest, token: string): Promise<{ challenge: string; invitation: InvitationRow }> {
  const { id, emailKey } = await proveChallenge(request, 'invitation', { token })
  const [invitation] = await selectInvitations(request.db, openFor(emailKey), 1)
  if (!invitation || !(await inviterStillMay(request.db, invitation))) throw problem('CHALLENGE_INVALID')
  return { challenge: id, invitation }
}

/** An address has one at most. */
export function openFor(emailKey: string): Prisma.Sql {
  return Prisma.sql`i.email_key = ${emailKey} and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()`
}
