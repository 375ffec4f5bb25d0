import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createImages, type Images } from '../src/files/images.ts'

declare module 'fastify' {
  interface FastifyInstance {
    images: Images
  }
  interface FastifyContextConfig {
    /** The body may take as long as it keeps coming: files. Else it has to be there within the time that edge.ts gives it. */
    longBody?: true
  }
}

/** Bodies of multipart/form-data, and what reads images. Each route says what it takes (src/tenancy/receive-file.ts); nothing is buffered. */
async function uploadsPlugin(app: FastifyInstance): Promise<void> {
  await app.register(multipart, { throwFileSizeLimit: false, limits: { files: 1, fields: 0, parts: 1, fileSize: 0, headerPairs: 20 } })
  app.decorate('images', createImages())
}

export const uploads = fp(uploadsPlugin, { name: 'uploads', fastify: '5.x' })
