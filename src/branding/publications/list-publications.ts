import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Publication, publicationFields, shapePublication } from './publication.ts'
import { keptPublications } from './publish-brand.ts'

export const listPublications = defineFlow({
  schema: {
    operationId: 'listBrandPublications',
    summary: 'What was published, newest first: as far back as one can return',
    tags: ['brand'],
    response: { 200: Type.Object({ items: Type.Array(Publication) }, { additionalProperties: false }), ...problems(401, 403, 404, 503) },
  },
  async handler({ db }, reply) {
    const rows = await db.brandPublication.findMany({ select: publicationFields, orderBy: { number: 'desc' }, take: keptPublications })
    const brand = await db.brand.findFirst({ select: { publicationId: true } })
    reply.header('cache-control', 'no-store')
    return { items: rows.map((row) => shapePublication(row, brand?.publicationId ?? 0)) }
  },
})
