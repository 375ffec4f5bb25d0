import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { takeBrandTurn } from '../take-brand-turn.ts'
import { clearDraft } from './draft.ts'

export const discardDraft = defineFlow({
  schema: {
    operationId: 'discardBrandDraft',
    summary: 'Forget what is being prepared: the draft is again what is in force',
    tags: ['brand'],
    response: { 204: Type.Null(), ...problems(401, 403, 404, 503) },
  },
  async handler({ db }, reply) {
    await db.$transaction(async (tx) => {
      await takeBrandTurn(tx)
      await clearDraft(tx)
    })
    return reply.code(204).send(null)
  },
})
