import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { assetKey } from '../files/make-brand-file.ts'
import { takeBrandTurn } from '../take-brand-turn.ts'
import { AssetParams, assetsInUse } from './asset.ts'

export const removeAsset = defineFlow({
  schema: {
    operationId: 'removeBrandAsset',
    summary: 'Remove an image or font that no brand uses',
    tags: ['brand'],
    params: AssetParams,
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 409, 503) },
  },
  async handler(request, reply) {
    const { db, storage, params, log } = request
    const id = params.asset
    await db.$transaction(async (tx) => {
      await takeBrandTurn(tx)
      if ((await assetsInUse(tx)).has(id)) throw problem('BRAND_ASSET_IN_USE')
      const { count } = await tx.brandAsset.deleteMany({ where: { id } })
      if (count === 0) throw problem('BRAND_ASSET_UNKNOWN')
      await recordEvent(tx, originOf(request), { action: 'brand.asset-removed', target: { kind: 'brand-asset', id } })
    })
    // The row is what counts: bytes that stay behind go with the daily chore.
    await storage.remove([assetKey(id)]).catch((err) => log.warn({ err }, 'the bytes of a removed brand asset stay for now'))
    return reply.code(204).send(null)
  },
})
