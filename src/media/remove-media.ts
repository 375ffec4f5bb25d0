import { Type } from 'typebox'
import { originOf, recordEvent } from '../audit/record-event.ts'
import type { TenantDb } from '../db/client.ts'
import { sqlState } from '../db/sql-error.ts'
import { problem } from '../errors.ts'
import { problems } from '../problem-schema.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { removeObjects } from './discard-media.ts'
import { MediaParams, originalOf, requireMedia } from './media.ts'

export const removeMedia = defineFlow({
  schema: {
    operationId: 'removeMedia',
    summary: 'Remove a file that no entry uses, and all that was made of it',
    tags: ['media'],
    params: MediaParams,
    response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 503) },
  },
  async handler(request, reply) {
    const { db, storage, log, params } = request
    const { id } = await requireMedia(db, params.media)
    const upload = await db.mediaUpload.findFirst({ where: { mediaId: id }, select: { storageUpload: true } })
    try {
      await db.$transaction(async (tx) => {
        const { count } = await tx.media.deleteMany({ where: { id } })
        if (count === 0) throw problem('MEDIA_UNKNOWN')
        await recordEvent(tx, originOf(request), { action: 'media.removed', target: { kind: 'media', id } })
      })
    } catch (error) {
      // The key of media_references: asked beforehand, the answer could be out of date by now.
      if (sqlState(error) === '23503') throw problem('MEDIA_IN_USE', { issues: await usesOf(db, id) })
      throw error
    }
    await removeWhatIsKept()
    return reply.code(204).send(null)

    /** It is gone for everybody from now on; what cannot be removed yet the daily sweep finds. */
    async function removeWhatIsKept(): Promise<void> {
      try {
        if (upload) await storage.parts.abort({ key: originalOf(id), id: upload.storageUpload })
        await removeObjects(storage, id)
      } catch (err) {
        log.warn({ err, media: id }, 'objects of a file that was removed are left to the daily sweep')
      }
    }
  },
})

const shownUses = 20

async function usesOf(db: TenantDb, mediaId: string) {
  const rows = await db.mediaReference.findMany({
    where: { mediaId },
    select: { entry: { select: { id: true, slug: true, collection: { select: { slug: true } } } } },
    orderBy: { entryId: 'asc' },
    take: shownUses,
  })
  return rows.map(({ entry: { id, slug, collection } }) => ({
    path: '',
    message: `is used by the entry ${slug} of the collection ${collection.slug}`,
    reason: id,
  }))
}
