import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Readiness } from '../src/db/readiness.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readiness: Readiness
  }
}

export interface ReadinessOptions {
  readiness: Readiness
}

async function readinessPlugin(app: FastifyInstance, { readiness }: ReadinessOptions): Promise<void> {
  app.decorate('readiness', readiness)
}

export const readiness = fp(readinessPlugin, { name: 'readiness', fastify: '5.x' })
