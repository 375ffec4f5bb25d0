import { Type } from 'typebox'
import { Prisma } from '../../db/generated/client.ts'
import { problems } from '../../problem-schema.ts'
import { readCursor, writeCursor } from '../../tenancy/cursor.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Invitation, type InvitationState, InvitationStatus, selectInvitations, shapeInvitation } from './invitation.ts'

export const listInvitations = defineFlow({
  schema: {
    operationId: 'listInvitations',
    summary: 'The invitations of this site, newest first',
    tags: ['staff'],
    querystring: Type.Object(
      {
        status: Type.Optional(InvitationStatus),
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(Invitation), next: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler({ db, tenant, query: { status, limit, after } }, reply) {
    const list = `${tenant.id} invitations ${status ?? ''}`
    const from = after === undefined ? undefined : readCursor(list, after)
    const older = from ? Prisma.sql`i.id < ${from.id}::uuid` : Prisma.sql`true`
    const rows = await selectInvitations(db, Prisma.sql`${older} and ${status ? inState[status] : Prisma.sql`true`}`, limit + 1)
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    reply.header('cache-control', 'no-store')
    return { items: items.map(shapeInvitation), next: last ? writeCursor(list, { at: last.createdAt, id: last.id }) : null }
  },
})

const inState: Record<InvitationState, Prisma.Sql> = {
  open: Prisma.sql`i.accepted_at is null and i.revoked_at is null and i.expires_at > now()`,
  expired: Prisma.sql`i.accepted_at is null and i.revoked_at is null and i.expires_at <= now()`,
  accepted: Prisma.sql`i.accepted_at is not null`,
  revoked: Prisma.sql`i.revoked_at is not null`,
}
