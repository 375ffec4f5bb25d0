import { Type } from 'typebox'
import { originOf } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { readSpec } from '../../tenancy/brand/brand-spec.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { brandSite } from '../brand-site.ts'
import { clearDraft } from '../draft/draft.ts'
import { answerPublication } from './answer-publication.ts'
import { Note, Publication } from './publication.ts'
import { publishBrand } from './publish-brand.ts'

export const publish = defineFlow({
  schema: {
    operationId: 'publishBrand',
    summary: 'Put the draft in force',
    description: 'Pages, mails and addresses of the brand show it at once. `revision` is that of the draft you saw: no other is published.',
    tags: ['brand'],
    body: Type.Object({ revision: Type.Integer({ minimum: 1 }), note: Type.Optional(Note) }, { additionalProperties: false }),
    response: { 201: Publication, ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503, 507) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { db, server, body } = request
    const seen = await requireDraft(db, body.revision)
    const number = await publishBrand(brandSite(request), server, {
      spec: readSpec(seen.spec),
      note: body.note ?? '',
      returnedTo: null,
      origin: originOf(request),
      async confirm(tx) {
        await requireDraft(tx, body.revision)
        await clearDraft(tx)
      },
    })
    return answerPublication(reply, db, number)
  },
})

async function requireDraft(db: Pick<TenantDb, 'brandDraft'>, revision: number) {
  const draft = await db.brandDraft.findFirst({ select: { revision: true, spec: true } })
  if (!draft?.spec) throw problem('BRAND_DRAFT_MISSING')
  if (draft.revision !== revision) throw problem('BRAND_DRAFT_CHANGED')
  return draft
}
