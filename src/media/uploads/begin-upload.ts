import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { displayName } from '../../files/file-name.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { beginMedia } from '../begin-media.ts'
import { discardMedia } from '../discard-media.ts'
import { Alt, originalOf, Visibility } from '../media.ts'
import { extensionOf, kindOfExtension } from '../media-type.ts'
import { worthArchiving } from '../sizes.ts'
import { BegunUpload, partSizeOf, requireUpload, Sha256, shapeBegun, uploadLife } from './media-upload.ts'

const BeginUploadBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 1_000 }),
    size: Type.Integer({ minimum: 1, description: 'Bytes of the whole file' }),
    alt: Type.Optional(Alt),
    visibility: Type.Optional(Visibility),
    sha256: Type.Optional(Sha256),
  },
  { additionalProperties: false },
)

export const beginUpload = defineFlow({
  schema: {
    operationId: 'beginUpload',
    summary: 'Begin to add a file in parts, which can stop and go on',
    description:
      'Ask where the parts go, send them in any order, several at once, and complete the upload within a day. What it is for the quota is what is announced here.',
    tags: ['media'],
    body: BeginUploadBody,
    response: { 201: BegunUpload, ...problems(400, 401, 403, 404, 409, 413, 415, 503, 507) },
  },
  bodyLimit: 16_384,
  async handler(request, reply) {
    const id = await begin(request, request.body)
    reply.code(201).header('location', `/v1/media/uploads/${id}`).header('cache-control', 'no-store')
    return shapeBegun(await requireUpload(request.db, id))
  },
})

/** The row, then the upload at the storage, then the row that knows it. What is left where this breaks off the sweep removes. */
async function begin(request: FastifyRequest, { name, size, ...facts }: Static<typeof BeginUploadBody>): Promise<string> {
  const { db, tenant, server, storage } = request
  if (size > server.config.media.mostBytes) throw problem('FILE_TOO_LARGE')
  const shown = displayName(name, extensionOf(name))
  const id = await db.$transaction((tx) => beginMedia(tx, request, { ...facts, name: shown, size }))
  try {
    // By the name, since nothing else is known yet: it decides about nothing but what keeping it costs.
    const storageUpload = await storage.parts.begin(originalOf(id), {
      contentType: 'application/octet-stream',
      archive: worthArchiving(kindOfExtension(extensionOf(name))),
    })
    const expiresAt = new Date(Date.now() + uploadLife)
    const row = { tenantId: tenant.id, mediaId: id, storageUpload, size: BigInt(size), partSize: partSizeOf(size), expiresAt }
    await db.mediaUpload.createMany({ data: [row] })
  } catch (error) {
    await discardMedia(request, id)
    throw error
  }
  return id
}
