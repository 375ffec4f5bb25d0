import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { problem } from '../src/errors.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses an unsafe request that another site's page may have made a browser send. `Sec-Fetch-Site` decides where there is one, else the
 * Origin; scripts can forge neither. A caller that shows neither is no browser, and passes unless it brings cookies all the same.
 */
async function csrfPlugin(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', async (request) => {
    if (safe.has(request.method)) return
    const site = request.headers['sec-fetch-site']
    if (site === 'same-origin' || site === 'none') return
    if (await fromAllowedPage(request)) return
    if (site === undefined && request.headers.origin === undefined && request.headers.cookie === undefined) return
    throw problem('ORIGIN_REFUSED')
  })
}

async function fromAllowedPage({ headers: { origin }, server, tenant, db }: FastifyRequest): Promise<boolean> {
  return origin !== undefined && (await server.browserOrigins.allows(tenant, db, origin))
}

export const csrf = fp(csrfPlugin, { name: 'csrf', fastify: '5.x', dependencies: ['cors'] })
