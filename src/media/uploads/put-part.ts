import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { requirePart, requireUpload } from './media-upload.ts'

export const putPart = defineFlow({
  schema: {
    operationId: 'putPart',
    summary: 'Send one part of an upload through the service',
    description: 'For storage that has no addresses of its own. A part that is sent again takes the place of the one before.',
    tags: ['media'],
    consumes: ['application/octet-stream'],
    params: Type.Object({ upload: Type.String({ maxLength: 36 }), part: Type.Integer({ minimum: 1, maximum: 10_000 }) }),
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 409, 411, 415, 503, 507) },
  },
  async handler(request, reply) {
    const { db, storage, params, body } = request
    if (!(body instanceof Readable)) throw problem('CONTENT_TYPE_UNSUPPORTED')
    const upload = await requireUpload(db, params.upload)
    const size = requirePart(upload, params.part)
    const { 'content-length': length } = request.headers
    if (!length) throw problem('LENGTH_REQUIRED')
    if (Number(length) !== size) throw problem('UPLOAD_MISMATCH')
    const { etag } = await storage.parts.put(upload.stored, { part: params.part, body, size })
    return reply
      .code(204)
      .header('etag', `"${etag.replaceAll('"', '')}"`)
      .send(null)
  },
})
