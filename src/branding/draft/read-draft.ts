import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Draft, readCurrentDraft, shapeDraft } from './draft.ts'

export const readDraft = defineFlow({
  schema: {
    operationId: 'readBrandDraft',
    summary: 'The brand that is being prepared, or the one in force',
    tags: ['brand'],
    response: { 200: Draft, ...problems(401, 403, 404, 503) },
  },
  async handler({ db }, reply) {
    reply.header('cache-control', 'no-store')
    return shapeDraft(await readCurrentDraft(db))
  },
})
