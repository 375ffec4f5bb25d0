import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Directory } from '../src/tenancy/directory.ts'

declare module 'fastify' {
  interface FastifyInstance {
    directory: Directory
  }
}

export interface DirectoryPluginOptions {
  directory: Directory
}

/** Whose a host is, for what asks beside requests. */
async function directoryPlugin(app: FastifyInstance, { directory }: DirectoryPluginOptions): Promise<void> {
  app.decorate('directory', directory)
}

export const directory = fp(directoryPlugin, { name: 'directory', fastify: '5.x' })
