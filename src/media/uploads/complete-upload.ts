import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { StorageFailure } from '../../storage/object-storage.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { removeObjects } from '../discard-media.ts'
import { findMedia, Media, shapeMedia } from '../media.ts'
import { arrivedParts, requireUpload, type Upload, UploadParams } from './media-upload.ts'

export const completeUpload = defineFlow({
  schema: {
    operationId: 'completeUpload',
    summary: 'Make the parts of an upload one file, once all have come',
    description: 'They are compared with what was announced: how many there are, and the bytes of each. Then the file is checked like any other.',
    tags: ['media'],
    params: UploadParams,
    response: { 200: Media, ...problems(401, 403, 404, 409, 503, 507) },
  },
  async handler(request, reply) {
    const { db, storage, params } = request
    const upload = await requireUpload(db, params.upload)
    await join(request, upload)
    await hand(request, upload)
    const row = await findMedia(db, upload.id)
    reply.header('cache-control', 'no-store')
    if (row) return shapeMedia(row)
    // Somebody removed it meanwhile.
    await removeObjects(storage, upload.id)
    throw problem('UPLOAD_UNKNOWN')
  },
})

/** May be done twice: where the answer to the first time was lost, the object is there already. */
async function join(request: FastifyRequest, upload: Upload): Promise<void> {
  const { storage } = request
  try {
    const arrived = await arrivedParts(request, upload)
    if (arrived.length !== upload.parts) throw problem('UPLOAD_MISMATCH', { issues: missing(upload, new Set(arrived.map(({ part }) => part))) })
    await storage.parts.complete(upload.stored, arrived)
  } catch (error) {
    if (!(error instanceof StorageFailure && error.reason === 'unknown-upload')) throw error
    const found = await storage.stat(upload.stored.key)
    if (found?.size !== upload.size) throw error
  }
}

const shownMissing = 10

function missing({ parts }: Upload, arrived: ReadonlySet<number>) {
  const all = Array.from({ length: parts }, (_, at) => at + 1).filter((part) => !arrived.has(part))
  return all.slice(0, shownMissing).map((part) => ({ path: '', message: `part ${part} has not come, or has another size than was announced` }))
}

/** To the check; what another call has handed over already stays as it is. */
async function hand(request: FastifyRequest, { id }: Upload): Promise<void> {
  await request.db.$transaction(async (tx) => {
    const { count } = await tx.media.updateMany({ where: { id, status: 'uploading' }, data: { status: 'checking' } })
    await tx.mediaUpload.deleteMany({ where: { mediaId: id } })
    if (count > 0) await recordEvent(tx, originOf(request), { action: 'media.added', target: { kind: 'media', id } })
  })
}
