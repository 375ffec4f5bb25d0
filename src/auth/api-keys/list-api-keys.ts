import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { readCursor, writeCursor } from '../../tenancy/cursor.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { ApiKey, apiKeyFields, shapeApiKey } from './api-key.ts'

export const listApiKeys = defineFlow({
  schema: {
    operationId: 'listApiKeys',
    summary: "The site's API keys, newest first, also those that were revoked or have expired",
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    querystring: Type.Object(
      {
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
        after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(ApiKey), next: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler({ db, tenant, query: { limit, after } }, reply) {
    const list = `${tenant.id} api-keys`
    const from = after === undefined ? undefined : readCursor(list, after)
    const rows = await db.apiKey.findMany({
      ...(from ? { where: { id: { lt: from.id } } } : {}),
      select: apiKeyFields,
      orderBy: { id: 'desc' },
      take: limit + 1,
    })
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    reply.header('cache-control', 'no-store')
    return { items: items.map(shapeApiKey), next: last ? writeCursor(list, { at: last.createdAt, id: last.id }) : null }
  },
})
