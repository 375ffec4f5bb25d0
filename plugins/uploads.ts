import type { IncomingMessage } from 'node:http'
import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { problem } from '../src/errors.ts'
import type { Images } from '../src/files/images.ts'

/** Milliseconds. */
const patience = 30_000

declare module 'fastify' {
  interface FastifyInstance {
    images: Images
  }
  interface FastifyContextConfig {
    /** The body may take as long as it keeps coming: files. Else it has to be there within the time that edge.ts gives it. */
    longBody?: true
  }
}

export interface UploadsOptions {
  images: Images
}

/** Bodies of multipart/form-data, and what reads images. Each route says what it takes (src/tenancy/receive-file.ts); nothing is buffered. */
async function uploadsPlugin(app: FastifyInstance, { images }: UploadsOptions): Promise<void> {
  await app.register(multipart, { throwFileSizeLimit: false, limits: { files: 1, fields: 0, parts: 1, fileSize: 0, headerPairs: 20 } })
  // The parser is everybody's, and only routes that take files read what it lets through.
  app.addHook('preValidation', (request, _reply, done) => {
    done(request.isMultipart() && !request.routeOptions.config.longBody ? problem('CONTENT_TYPE_UNSUPPORTED') : undefined)
  })
  app.decorate('images', images)
  app.addHook('onResponse', (request, _reply, done) => {
    if (request.routeOptions.config.longBody) linger(request.raw)
    done()
  })
}

/**
 * Whoever is answered before the body has come goes on sending. A connection that ends under them takes the answer along, so what comes is read and
 * dropped, for a while.
 */
function linger(message: IncomingMessage): void {
  if (message.complete || message.readableEnded || message.destroyed) return
  const timer = setTimeout(() => message.destroy(), patience).unref()
  message.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer))
  message.resume()
}

export const uploads = fp(uploadsPlugin, { name: 'uploads', fastify: '5.x' })
