import { Type } from 'typebox'
import { problems } from '../problem-schema.ts'
import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { Collection, publicCollections } from './collection.ts'

export const listCollections = defineFlow({
  schema: {
    operationId: 'listCollections',
    summary: 'The collections that everybody may read',
    tags: ['content'],
    response: {
      200: Type.Object({ items: Type.Array(Collection), next: Type.Null() }, { additionalProperties: false }),
      ...problems(404, 503),
    },
  },
  async handler(request, reply) {
    const load = async () => JSON.stringify({ items: await publicCollections(request.db), next: null })
    await answerPublicly(request, reply, { cache: request.server.publicCache, key: 'collections', load })
  },
})
