import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { BrandSpec } from '../../tenancy/brand/brand-spec.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { takeBrandTurn } from '../take-brand-turn.ts'
import { checkSpec } from './check-spec.ts'
import { Draft, readCurrentDraft, shapeDraft } from './draft.ts'

export const saveDraft = defineFlow({
  schema: {
    operationId: 'saveBrandDraft',
    summary: 'Save the brand that is being prepared',
    description: 'Nobody sees it before it is published. `revision` is that of the draft you read: whoever saved meanwhile is not overwritten (409).',
    tags: ['brand'],
    body: Type.Object({ revision: Type.Integer({ minimum: 0 }), spec: BrandSpec }, { additionalProperties: false }),
    response: { 200: Draft, ...problems(400, 401, 403, 404, 409, 413, 415, 503) },
  },
  bodyLimit: 16_384,
  async handler({ db, tenant, body: { revision, spec }, caller }, reply) {
    reply.header('cache-control', 'no-store')
    return db.$transaction(async (tx) => {
      await takeBrandTurn(tx)
      const before = await readCurrentDraft(tx)
      if (before.revision !== revision) throw problem('BRAND_DRAFT_CHANGED')
      await checkSpec(tx, spec)
      const data = { revision: revision + 1, spec, updatedBy: caller.id }
      const where = { tenantId: tenant.id }
      const { updatedAt, updatedBy } = await tx.brandDraft.upsert({ where, create: { ...where, ...data }, update: data })
      return shapeDraft({ ...before, ...data, changed: true, updatedAt, updatedBy })
    })
  },
})
