import { Type } from 'typebox'
import { problems } from '../problem-schema.ts'
import { readCursor, writeCursor } from '../tenancy/cursor.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { Kind, Media, MediaStatus, mediaFields, shapeMedia } from './media.ts'

export const listMedia = defineFlow({
  schema: {
    operationId: 'listMedia',
    summary: 'The files of this site, newest first',
    tags: ['media'],
    querystring: Type.Object(
      {
        kind: Type.Optional(Kind),
        status: Type.Optional(MediaStatus),
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(Media), next: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler({ db, tenant, query: { kind, status, limit, after } }, reply) {
    const list = `${tenant.id} media ${JSON.stringify([kind, status])}`
    const from = after === undefined ? undefined : readCursor(list, after)
    // Ids are in the order of their making.
    const rows = await db.media.findMany({
      where: { ...(kind ? { kind } : {}), ...(status ? { status } : {}), ...(from ? { id: { lt: from.id } } : {}) },
      select: mediaFields,
      orderBy: { id: 'desc' },
      take: limit + 1,
    })
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    reply.header('cache-control', 'no-store')
    return { items: items.map(shapeMedia), next: last ? writeCursor(list, { at: last.createdAt, id: last.id }) : null }
  },
})
