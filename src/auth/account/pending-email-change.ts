import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { voidPendingChanges } from './email-change.ts'

const strict = { additionalProperties: false }
const when = { format: 'date-time', maxLength: 30 }
const security = [{ bearer: [] }, { cookie: [] }]

const OwnEmail = Type.Object(
  {
    email: Type.String({ maxLength: 254 }),
    verified: Type.Boolean(),
    pending: Type.Union(
      [
        Type.Object(
          {
            email: Type.String({ maxLength: 254 }),
            oldConfirmed: Type.Boolean(),
            newConfirmed: Type.Boolean(),
            createdAt: Type.String(when),
            expiresAt: Type.String(when),
          },
          strict,
        ),
        Type.Null(),
      ],
      { description: 'The change that waits for confirmation' },
    ),
  },
  strict,
)

export const readOwnEmail = defineFlow({
  schema: {
    operationId: 'readOwnEmail',
    summary: "The member's address, and the change of it that is under way",
    tags: ['auth'],
    security,
    response: { 200: OwnEmail, ...problems(401, 403, 404, 503) },
  },
  async handler({ db, session }, reply) {
    reply.header('cache-control', 'no-store')
    const { memberId } = session
    const member = await db.member.findFirst({ where: { id: memberId }, select: { email: true, emailVerifiedAt: true } })
    if (!member) throw problem('AUTH_TOKEN_INVALID')
    const change = await findPendingChange(db, memberId)
    const pending = change && {
      email: change.newEmail,
      oldConfirmed: change.oldConfirmedAt !== null,
      newConfirmed: change.newConfirmedAt !== null,
      createdAt: change.createdAt.toISOString(),
      expiresAt: change.expiresAt.toISOString(),
    }
    return { email: member.email, verified: member.emailVerifiedAt !== null, pending }
  },
})

/** Asked for, and neither come about nor over. */
export function findPendingChange(db: TenantDb, memberId: string) {
  return db.emailChange.findFirst({ where: { memberId, appliedAt: null, undoneAt: null, expiresAt: { gt: new Date() } } })
}

export const cancelEmailChange = defineFlow({
  schema: {
    operationId: 'cancelEmailChange',
    summary: 'Drop the change of address that is under way, if there is one',
    tags: ['auth'],
    security,
    response: { 204: Type.Null(), ...problems(401, 403, 404, 503) },
  },
  async handler(request, reply) {
    await dropPendingChange(request)
    reply.code(204).header('cache-control', 'no-store').send(null)
  },
})

export async function dropPendingChange(request: FastifyRequest): Promise<void> {
  const { memberId } = request.session
  await request.db.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from members where id = ${memberId}::uuid for update`
    if (!(await voidPendingChanges(tx, memberId))) return
    const event = { action: 'email.change-undone', target: { kind: 'member', id: memberId }, details: { restored: false } } as const
    await recordEvent(tx, originOf(request), event)
  })
}
