import { Type } from 'typebox'
import { originOf } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { readSpec } from '../../tenancy/brand/brand-spec.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { brandSite } from '../brand-site.ts'
import { answerPublication } from './answer-publication.ts'
import { Publication } from './publication.ts'
import { publishBrand } from './publish-brand.ts'

export const returnToPublication = defineFlow({
  schema: {
    operationId: 'returnToBrandPublication',
    summary: 'Put an earlier brand in force again',
    description: 'As a publication of its own, so that this can be undone the same way. A draft stays as it is.',
    tags: ['brand'],
    params: Type.Object({ number: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }),
    response: { 201: Publication, ...problems(400, 401, 403, 404, 503, 507) },
  },
  async handler(request, reply) {
    const { db, server, params } = request
    const earlier = await db.brandPublication.findFirst({ where: { number: params.number }, select: { spec: true } })
    if (!earlier) throw problem('BRAND_PUBLICATION_UNKNOWN')
    const wish = { spec: readSpec(earlier.spec), note: '', returnedTo: params.number, origin: originOf(request) }
    return answerPublication(reply, db, await publishBrand(brandSite(request), server, wish))
  },
})
