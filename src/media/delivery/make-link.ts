import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { canonicalOrigin } from '../../tenancy/canonical-origin.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { MediaParams, requireMedia } from '../media.ts'
import { signLink } from './media-link.ts'

const longestLife = 7 * 24 * 60 * 60

export const makeMediaLink = defineFlow({
  schema: {
    operationId: 'makeMediaLink',
    summary: 'An address at which whoever has it reads a private file, for a time',
    description: 'It is an address of the site: removing the file ends it at once. For an image, add `w` and `cut` as to any other.',
    tags: ['media'],
    params: MediaParams,
    body: Type.Object(
      { expiresIn: Type.Integer({ minimum: 60, maximum: longestLife, description: 'Seconds, up to seven days' }) },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { address: Type.String({ maxLength: 600 }), expiresAt: Type.String({ format: 'date-time', maxLength: 30 }) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 409, 413, 415, 503),
    },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { db, tenant, server, params, body } = request
    const { id, status } = await requireMedia(db, params.media)
    if (status !== 'ready') throw problem('MEDIA_NOT_READY')
    const expires = Math.floor(Date.now() / 1000) + body.expiresIn
    const signature = signLink(server.secretBox, { tenantId: tenant.id, mediaId: id, expires })
    await recordEvent(db, originOf(request), {
      action: 'media.link-made',
      target: { kind: 'media', id },
      details: { expiresIn: body.expiresIn },
    })
    reply.header('cache-control', 'no-store')
    const address = `${canonicalOrigin(tenant, server.config.publicOrigin)}/media/${id}?expires=${expires}&signature=${signature}`
    return { address, expiresAt: new Date(expires * 1000).toISOString() }
  },
})
