import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { removeObjects } from '../discard-media.ts'
import { requireUpload, UploadParams } from './media-upload.ts'

export const abortUpload = defineFlow({
  schema: {
    operationId: 'abortUpload',
    summary: 'Give an upload in parts up',
    tags: ['media'],
    params: UploadParams,
    response: { 204: Type.Null(), ...problems(401, 403, 404, 503) },
  },
  async handler({ db, storage, log, params }, reply) {
    const { id, stored } = await requireUpload(db, params.upload)
    const { count } = await db.media.deleteMany({ where: { id, status: 'uploading' } })
    if (count === 0) throw problem('UPLOAD_UNKNOWN')
    try {
      await storage.parts.abort(stored)
      // It may have been completed in that very moment.
      await removeObjects(storage, id)
    } catch (err) {
      log.warn({ err, media: id }, 'parts of an upload that was given up are left to the daily sweep')
    }
    return reply.code(204).send(null)
  },
})
