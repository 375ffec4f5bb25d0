import { Type } from 'typebox'
import { problems } from '../problem-schema.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { Media, MediaParams, requireMedia, shapeMedia } from './media.ts'

export const readMedia = defineFlow({
  schema: {
    operationId: 'readMedia',
    summary: 'One file: what it is, how far it has come, and what was made of it',
    tags: ['media'],
    params: MediaParams,
    response: { 200: Media, ...problems(401, 403, 404, 503) },
  },
  async handler({ db, params }, reply) {
    reply.header('cache-control', 'no-store')
    return shapeMedia(await requireMedia(db, params.media))
  },
})

export const readMediaUsage = defineFlow({
  schema: {
    operationId: 'readMediaUsage',
    summary: 'How much room the files of this site take up, and how much they may',
    tags: ['media'],
    response: {
      200: Type.Object(
        {
          bytes: Type.Integer({ description: 'Of the originals; those on their way count as announced' }),
          files: Type.Integer(),
          quota: Type.Integer({ description: 'Bytes that they may have together' }),
          largest: Type.Integer({ description: 'Bytes that one of them may have' }),
        },
        { additionalProperties: false },
      ),
      ...problems(401, 403, 404, 503),
    },
  },
  async handler({ db, server }, reply) {
    const usage = await db.mediaUsage.findFirst({ select: { bytes: true, files: true } })
    const { quota, mostBytes: largest } = server.config.media
    reply.header('cache-control', 'no-store')
    return { bytes: Number(usage?.bytes ?? 0), files: usage?.files ?? 0, quota, largest }
  },
})
