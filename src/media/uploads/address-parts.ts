import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { requirePart, requireUpload, UploadParams } from './media-upload.ts'

/** Seconds. */
const addressLife = 60 * 60

const PartAddress = Type.Object(
  {
    part: Type.Integer(),
    size: Type.Integer({ description: 'Bytes that are to be sent there' }),
    address: Type.String({ maxLength: 4_000, description: 'For PUT: of the bucket, without any header of ours; or of this site, with the session' }),
  },
  { additionalProperties: false },
)

export const addressParts = defineFlow({
  schema: {
    operationId: 'addressParts',
    summary: 'Where to send parts of an upload, by PUT; good for an hour',
    tags: ['media'],
    params: UploadParams,
    body: Type.Object({ parts: Type.Array(Type.Integer(), { minItems: 1, maxItems: 100 }) }, { additionalProperties: false }),
    response: {
      200: Type.Object({ addresses: Type.Array(PartAddress) }, { additionalProperties: false }),
      ...problems(400, 401, 403, 404, 413, 415, 503),
    },
  },
  bodyLimit: 8192,
  async handler({ db, storage, params, body }, reply) {
    const upload = await requireUpload(db, params.upload)
    const address = async (part: number) => {
      const size = requirePart(upload, part)
      const signed = await storage.parts.signedUrl(upload.stored, { part, size, expiresIn: addressLife })
      return { part, size, address: signed ?? `/v1/media/uploads/${upload.id}/parts/${part}` }
    }
    reply.header('cache-control', 'no-store')
    return { addresses: await Promise.all(body.parts.map(address)) }
  },
})
