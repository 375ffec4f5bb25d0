import { Type } from 'typebox'
import { problems } from '../problem-schema.ts'
import { readCursor, writeCursor } from '../tenancy/cursor.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { AuditEvent, eventFields, shapeEvents } from './event.ts'
import { filters, whereOf } from './event-filter.ts'

export const listEvents = defineFlow({
  schema: {
    operationId: 'listAuditEvents',
    summary: 'Who did what to whom, from where, newest first',
    tags: ['audit'],
    security: [{ bearer: [] }, { cookie: [] }],
    querystring: Type.Object(
      {
        ...filters,
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
        after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(AuditEvent), next: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler({ db, tenant, query: { limit, after, ...filter } }, reply) {
    const list = `${tenant.id} audit ${JSON.stringify(Object.entries(filter).sort())}`
    const where = whereOf(filter)
    const last = after === undefined ? undefined : readCursor(list, after)
    const rows = await db.auditEvent.findMany({
      where: last ? { AND: [where, { id: { lt: last.id } }] } : where,
      select: eventFields,
      orderBy: { id: 'desc' },
      take: limit + 1,
    })
    const items = rows.slice(0, limit)
    const end = rows.length > limit ? items.at(-1) : undefined
    reply.header('cache-control', 'no-store')
    return { items: await shapeEvents(db, items), next: end ? writeCursor(list, { at: end.at, id: end.id }) : null }
  },
})
