import { Type } from 'typebox'
import type { TenantDb } from '../db/client.ts'
import { problems } from '../problem-schema.ts'
import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { readCursor, writeCursor } from '../tenancy/cursor.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { publicCollectionId } from './collection.ts'
import { Entry, publishedEntries, shapeEntry } from './entry.ts'

const Slug = Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 63 })

export const listEntries = defineFlow({
  schema: {
    operationId: 'listEntries',
    summary: 'Published entries of a collection, newest first',
    tags: ['content'],
    params: Type.Object({ collection: Slug }),
    querystring: Type.Object(
      {
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(Entry), next: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 404, 503),
    },
  },
  handler(request, reply) {
    const { collection } = request.params
    const { limit, after } = request.query
    const load = async () => JSON.stringify(await readPage(request.db, { tenantId: request.tenant.id, collection, limit, after }))
    return answerPublicly(request, reply, { cache: request.server.publicCache, key: `entries ${collection} ${limit} ${after ?? ''}`, load })
  },
})

export interface PageRequest {
  tenantId: string
  collection: string
  limit: number
  after: string | undefined
}

/** One page. Asks for one entry more than it shows, to know whether another page follows. */
export async function readPage(db: TenantDb, { tenantId, collection, limit, after }: PageRequest) {
  const collectionId = await publicCollectionId(db, collection)
  const list = `${tenantId} ${collectionId}`
  const rows = await publishedEntries(db, { collectionId, take: limit + 1, after: after === undefined ? undefined : readCursor(list, after) })
  const items = rows.slice(0, limit).map((row) => shapeEntry(collection, row))
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items, next: last?.publishedAt ? writeCursor(list, { at: last.publishedAt, id: last.id }) : null }
}
