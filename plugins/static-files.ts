import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** What `npm run build` makes of web/. */
export const builtAssets = fileURLToPath(new URL('../public/', import.meta.url))

/**
 * `reply.sendFile`: a file by its ETag and by ranges, in the encoding that the caller likes best among those that lie beside it (`.br`, `.gz`), kept for a
 * year: names change with what they name. Which file it is, routes decide.
 */
async function staticFilesPlugin(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: builtAssets,
    serve: false,
    preCompressed: true,
    index: false,
    dotfiles: 'deny',
    maxAge: '365d',
    immutable: true,
  })
}

export const staticFiles = fp(staticFilesPlugin, { name: 'static-files', fastify: '5.x' })
