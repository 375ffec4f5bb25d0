import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../src/config.ts'
import type { PublicCache } from '../src/tenancy/public-cache.ts'

declare module 'fastify' {
  interface FastifyInstance {
    config: Config
    publicCache: PublicCache
  }
}

export interface PublicCacheOptions {
  config: Config
  publicCache: PublicCache
}

/** Answers to public reads, kept in memory by the tenant's version. */
async function publicCachePlugin(app: FastifyInstance, { config, publicCache }: PublicCacheOptions): Promise<void> {
  app.decorate('config', config)
  app.decorate('publicCache', publicCache)
}

export const publicCache = fp(publicCachePlugin, { name: 'public-cache', fastify: '5.x' })
