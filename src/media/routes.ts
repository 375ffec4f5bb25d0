import type { FastifySchema } from 'fastify'
import type { Flow, Scope } from '../tenancy/define-flow.ts'
import { changeMedia } from './change-media.ts'
import { makeMediaLink } from './delivery/make-link.ts'
import { readOriginal, serveMedia, serveVariant } from './delivery/serve-media.ts'
import { listMedia } from './list-media.ts'
import { readMedia, readMediaUsage } from './read-media.ts'
import { removeMedia } from './remove-media.ts'
import { uploadMedia } from './upload-media.ts'
import { abortUpload } from './uploads/abort-upload.ts'
import { addressParts } from './uploads/address-parts.ts'
import { beginUpload } from './uploads/begin-upload.ts'
import { completeUpload } from './uploads/complete-upload.ts'
import { putPart } from './uploads/put-part.ts'
import { readUpload } from './uploads/read-upload.ts'

/** For a site's staff; src/tenancy/access.ts says who of them. */
export async function staffMediaRoutes(scope: Scope): Promise<void> {
  scope.post('/v1/media', { ...uploadMedia, config: { longBody: true } })
  scope.get('/v1/media', listMedia)
  scope.get('/v1/media/usage', readMediaUsage)
  scope.get('/v1/media/:media', readMedia)
  scope.patch('/v1/media/:media', changeMedia)
  scope.delete('/v1/media/:media', removeMedia)
  served(scope, '/v1/media/:media/original', readOriginal)
  scope.post('/v1/media/:media/link', makeMediaLink)
  scope.post('/v1/media/uploads', beginUpload)
  scope.get('/v1/media/uploads/:upload', readUpload)
  scope.post('/v1/media/uploads/:upload/addresses', addressParts)
  scope.post('/v1/media/uploads/:upload/complete', completeUpload)
  scope.delete('/v1/media/uploads/:upload', abortUpload)
  await scope.register(async (parts: Scope) => {
    parts.removeAllContentTypeParsers()
    // As it comes: it is bounded by what was announced, and never in memory as a whole.
    parts.addContentTypeParser('application/octet-stream', (_request, body, done) => done(null, body))
    parts.put('/v1/media/uploads/:upload/parts/:part', { ...putPart, config: { longBody: true } })
  })
}

/** For everybody. */
export async function publicMediaRoutes(scope: Scope): Promise<void> {
  served(scope, '/media/:media', serveMedia)
  served(scope, '/media/:media/:variant', serveVariant)
}

/** With a HEAD that reads nothing from the storage: Fastify's own would read the whole of a file to throw it away. */
function served<Schema extends FastifySchema>(scope: Scope, url: string, flow: Flow<Schema>): void {
  scope.route({ ...flow, method: 'GET', url, exposeHeadRoute: false })
  scope.route({ ...flow, method: 'HEAD', url, schema: { ...flow.schema, hide: true } })
}
