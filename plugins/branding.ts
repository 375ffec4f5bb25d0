import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { BrandFiles } from '../src/branding/files/brand-files.ts'

declare module 'fastify' {
  interface FastifyInstance {
    brandFiles: BrandFiles
  }
}

export interface BrandingOptions {
  brandFiles: BrandFiles
}

/** The files of brands, made when they are first asked for. */
async function brandingPlugin(app: FastifyInstance, { brandFiles }: BrandingOptions): Promise<void> {
  app.decorate('brandFiles', brandFiles)
  app.addHook('onClose', () => brandFiles.close())
}

export const branding = fp(brandingPlugin, { name: 'branding', fastify: '5.x' })
