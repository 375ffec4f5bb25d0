import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { TenantDb } from '../db/client.ts'
import { problems } from '../problem-schema.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { type EventRow, eventFields, shapeEvents } from './event.ts'
import { period, whereOf } from './event-filter.ts'
import { originOf, recordEvent } from './record-event.ts'

export const exportEvents = defineFlow({
  schema: {
    operationId: 'exportAuditEvents',
    summary: 'The log as lines of JSON, oldest first',
    description: 'One event a line, up to the moment of the request. An answer that broke off ends without its last chunk.',
    tags: ['audit'],
    security: [{ bearer: [] }, { cookie: [] }],
    querystring: Type.Object(period, { additionalProperties: false }),
    response: {
      200: { description: 'NDJSON', content: { 'application/x-ndjson': { schema: Type.Unsafe<Readable>(Type.String()) } } },
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler(request, reply) {
    const { db, tenant, query } = request
    const where = whereOf({ ...query, to: query.to ?? new Date().toISOString() })
    await recordEvent(db, originOf(request), { action: 'audit.exported', details: { ...query } })
    reply.header('cache-control', 'no-store').header('content-disposition', `attachment; filename="audit-${tenant.slug}.ndjson"`)
    reply.type('application/x-ndjson; charset=utf-8')
    // A stream is read as fast as the client takes it, and destroyed when the client goes away.
    return reply.send(Readable.from(lines(db, where), { objectMode: false }))
  },
})

const batch = 500

/** A batch is all that is in memory; the next is asked for by the id that the one before ended with. */
async function* lines(db: TenantDb, where: ReturnType<typeof whereOf>): AsyncGenerator<string> {
  let last: string | undefined
  for (;;) {
    const rows: EventRow[] = await db.auditEvent.findMany({
      where: last === undefined ? where : { AND: [where, { id: { gt: last } }] },
      select: eventFields,
      orderBy: { id: 'asc' },
      take: batch,
    })
    const events = await shapeEvents(db, rows)
    if (events.length > 0) yield events.map((event) => `${JSON.stringify(event)}\n`).join('')
    last = rows.at(-1)?.id
    if (rows.length < batch) return
  }
}
