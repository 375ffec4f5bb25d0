import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { arrivedParts, BegunUpload, requireUpload, shapeBegun, UploadParams } from './media-upload.ts'

const UploadProgress = Type.Object(
  {
    ...BegunUpload.properties,
    received: Type.Integer({ description: 'Bytes that have come' }),
    arrived: Type.Array(Type.Integer(), { description: 'Parts that have come as a whole; the others are to be sent' }),
  },
  { additionalProperties: false },
)

export const readUpload = defineFlow({
  schema: {
    operationId: 'readUpload',
    summary: 'How far an upload in parts has come, and what is missing',
    tags: ['media'],
    params: UploadParams,
    response: { 200: UploadProgress, ...problems(401, 403, 404, 503) },
  },
  async handler(request, reply) {
    const upload = await requireUpload(request.db, request.params.upload)
    const arrived = await arrivedParts(request, upload)
    reply.header('cache-control', 'no-store')
    return { ...shapeBegun(upload), received: arrived.reduce((sum, { size }) => sum + size, 0), arrived: arrived.map(({ part }) => part) }
  },
})
