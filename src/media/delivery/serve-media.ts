import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { contentDisposition } from '../../files/content-disposition.ts'
import { problems } from '../../problem-schema.ts'
import { addVary } from '../../tenancy/add-vary.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { MediaParams, originalOf, requireMedia, variantOf } from '../media.ts'
import { chooseVariant, type KeptVariant, readVariants, type VariantUse } from '../variant.ts'
import { findServed, LinkQuery, type Served } from './find-served.ts'
import { type SentObject, sendObject } from './send-object.ts'

const File = Type.Unsafe<FastifyReply>({ type: 'string', format: 'binary' })
const answers = { 200: File, 206: File, 304: Type.Null(), ...problems(404, 416, 503) }

/** Wide enough for a picture in a text. */
const usualWidth = 1_280

export const serveMedia = defineFlow({
  schema: {
    operationId: 'serveMedia',
    summary: 'A file: an image in the size and format that suits the caller best, video and audio by ranges, anything else as a download',
    tags: ['media'],
    params: MediaParams,
    querystring: Type.Object(
      {
        w: Type.Integer({ minimum: 1, maximum: 10_000, default: usualWidth, description: 'Of an image: pixels that it will be shown in' }),
        cut: Type.Optional(Type.Enum(['square', 'wide'], { type: 'string', description: 'Of an image: 1:1 or 16:9, around its focus' })),
        ...LinkQuery,
      },
      { additionalProperties: false },
    ),
    response: answers,
  },
  async handler(request, reply) {
    const media = await findServed(request)
    if (media.kind !== 'image') return sendObject(request, reply, original(media))
    const { w: width, cut } = request.query
    const use: VariantUse = cut ?? 'whole'
    const variant = chooseVariant(readVariants(media.variants), { use, width, accept: request.headers.accept ?? '' })
    if (!variant) throw problem('MEDIA_UNKNOWN')
    addVary(reply, 'Accept')
    return sendObject(request, reply, { ...picture(media, variant), cacheControl: revalidated(media) })
  },
})

export const serveVariant = defineFlow({
  schema: {
    operationId: 'serveVariant',
    summary: 'One of the pictures that were made of an image, for good',
    tags: ['media'],
    params: Type.Object({ media: Type.String({ maxLength: 36 }), variant: Type.String({ maxLength: 60 }) }),
    querystring: Type.Object(LinkQuery, { additionalProperties: false }),
    response: answers,
  },
  async handler(request, reply) {
    const media = await findServed(request)
    const variant = readVariants(media.variants).find(({ name }) => name === request.params.variant)
    if (!variant) throw problem('MEDIA_UNKNOWN')
    return sendObject(request, reply, picture(media, variant))
  },
})

export const readOriginal = defineFlow({
  schema: {
    operationId: 'readOriginal',
    summary: 'A file as it was sent, as a download',
    tags: ['media'],
    params: MediaParams,
    response: { ...answers, ...problems(401, 403, 404, 409, 416, 503) },
  },
  async handler(request, reply) {
    const { kind, contentType, sha256, size, status, ...row } = await requireMedia(request.db, request.params.media)
    if (status !== 'ready' || kind === null || contentType === null || sha256 === null) throw problem('MEDIA_NOT_READY')
    const served = { ...row, kind, contentType, sha256, size: Number(size), isPublic: false }
    return sendObject(request, reply, { ...original(served), contentDisposition: contentDisposition('attachment', row.name) })
  },
})

/** What is played is shown where it stands; documents are downloads, whatever a browser would do with them. */
function original({ id, name, kind, contentType, size, sha256, isPublic }: Served): SentObject {
  const how = kind === 'video' || kind === 'audio' ? 'inline' : 'attachment'
  const [mark, cacheControl] = [sha256.slice(0, 32), revalidated({ isPublic })]
  return { key: originalOf(id), size, mark, contentType, contentDisposition: contentDisposition(how, name), cacheControl }
}

/** The names of variants are never used twice. */
function picture({ id, name, isPublic }: Served, { name: variant, type, size }: KeptVariant): SentObject {
  const shown = `${name.replace(/\.\w+$/, '')}.${type.slice('image/'.length)}`
  const cacheControl = isPublic ? 'public, max-age=31536000, immutable' : 'private, no-cache'
  return {
    key: variantOf(id, variant),
    size,
    mark: variant,
    contentType: type,
    contentDisposition: contentDisposition('inline', shown),
    cacheControl,
  }
}

function revalidated({ isPublic }: { isPublic: boolean }): string {
  return isPublic ? 'public, no-cache' : 'private, no-cache'
}
