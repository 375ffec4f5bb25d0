import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { readCursor, writeCursor } from '../../tenancy/cursor.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Message, messageFields, shapeMessage } from './message.ts'

export const listMessages = defineFlow({
  schema: {
    operationId: 'listMessages',
    summary: 'The mails this site sent or is about to send, newest first',
    tags: ['mail'],
    querystring: Type.Object(
      {
        status: Type.Optional(Type.Enum(['queued', 'sent', 'dead', 'suppressed', 'expired'], { type: 'string' })),
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(Message), next: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler({ db, tenant, query: { status, limit, after } }) {
    const list = `${tenant.id} mail ${status ?? ''}`
    const from = after === undefined ? undefined : readCursor(list, after)
    const rows = await db.mailMessage.findMany({
      where: {
        ...(status ? { status } : {}),
        ...(from ? { OR: [{ createdAt: { lt: from.at } }, { createdAt: from.at, id: { lt: from.id } }] } : {}),
      },
      select: messageFields,
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    })
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    return { items: items.map(shapeMessage), next: last ? writeCursor(list, { at: last.createdAt, id: last.id }) : null }
  },
})
