import fastifyCors from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { BrowserOrigins } from '../src/tenancy/browser-origins.ts'

declare module 'fastify' {
  interface FastifyInstance {
    browserOrigins: BrowserOrigins
  }
}

export interface CorsOptions {
  browserOrigins: BrowserOrigins
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const exposedHeaders = ['etag', 'retry-after', 'x-request-id']

/** CORS by the tenant's own list, exact. With a delegator every answer varies by Origin, also to callers that are refused or send none. */
async function corsPlugin(app: FastifyInstance, { browserOrigins }: CorsOptions): Promise<void> {
  app.decorate('browserOrigins', browserOrigins)
  await app.register(fastifyCors, {
    delegator: (request: FastifyRequest, done) => {
      const { origin } = request.headers
      if (origin === undefined) return done(null, { origin: false })
      const allowed = browserOrigins.allows(request.tenant, request.db, origin)
      // Strictness would answer an OPTIONS that is no preflight in plain text, past the one form of problems.
      const answer = (allows: boolean) =>
        done(null, { origin: allows ? origin : false, credentials: true, maxAge: 600, methods, exposedHeaders, strictPreflight: false })
      if (!(allowed instanceof Promise)) return answer(allowed)
      allowed.then(answer, (error) => done(error))
    },
  })
}

export const cors = fp(corsPlugin, { name: 'cors', fastify: '5.x', dependencies: ['tenant'] })
