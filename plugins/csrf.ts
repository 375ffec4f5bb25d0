import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { problem } from '../src/errors.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses an unsafe request that another site's page may have made a browser send. `Sec-Fetch-Site` decides where there is one, else the
 * Origin; scripts can forge neither. A caller that shows neither is no browser, and passes unless it brings cookies all the same.
 */
async function csrfPlugin(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', (request, _reply, done) => {
    if (safe.has(request.method)) return done()
    const site = request.headers['sec-fetch-site']
    if (site === 'same-origin' || site === 'none') return done()
    refuseForeignPage(request).then(() => done(), done)
  })
}

async function refuseForeignPage({ headers, server, tenant, db }: FastifyRequest): Promise<void> {
  const { origin, cookie } = headers
  if (origin !== undefined && (await server.browserOrigins.allows(tenant, db, origin))) return
  if (headers['sec-fetch-site'] === undefined && origin === undefined && cookie === undefined) return
  throw problem('ORIGIN_REFUSED')
}

export const csrf = fp(csrfPlugin, { name: 'csrf', fastify: '5.x', dependencies: ['cors'] })
