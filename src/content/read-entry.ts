import { Type } from 'typebox'
import { problem } from '../errors.ts'
import { problems } from '../problem-schema.ts'
import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { publicCollectionId } from './collection.ts'
import { Entry, publishedEntry, shapeEntry } from './entry.ts'

export const readEntry = defineFlow({
  schema: {
    operationId: 'readEntry',
    summary: 'One published entry',
    tags: ['content'],
    params: Type.Object({
      collection: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 63 }),
      entry: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 127 }),
    }),
    response: { 200: Entry, ...problems(404, 503) },
  },
  async handler(request, reply) {
    const { collection, entry: slug } = request.params
    const load = async () => {
      const found = await publishedEntry(request.db, await publicCollectionId(request.db, collection), slug)
      if (!found) throw problem('ENTRY_UNKNOWN')
      return JSON.stringify(shapeEntry(collection, found))
    }
    await answerPublicly(request, reply, { cache: request.server.publicCache, key: `entry ${collection} ${slug}`, load })
  },
})
