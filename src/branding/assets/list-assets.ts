import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { assetFields, assetsInUse, BrandAsset, mostAssets, shapeAsset } from './asset.ts'

export const listAssets = defineFlow({
  schema: {
    operationId: 'listBrandAssets',
    summary: 'The images and fonts that were added for the brand, newest first',
    tags: ['brand'],
    response: {
      200: Type.Object(
        { items: Type.Array(Type.Object({ ...BrandAsset.properties, used: Type.Boolean() }, { additionalProperties: false })) },
        { additionalProperties: false },
      ),
      ...problems(401, 403, 404, 503),
    },
  },
  async handler({ db }, reply) {
    const rows = await db.brandAsset.findMany({ select: assetFields, orderBy: { id: 'desc' }, take: mostAssets })
    const used = await assetsInUse(db)
    reply.header('cache-control', 'no-store')
    return { items: rows.map((row) => ({ ...shapeAsset(row), used: used.has(row.id) })) }
  },
})
