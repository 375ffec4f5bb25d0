import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Not ready any more, while everything is still served: proxies turn away, and whoever keeps a connection is told to leave with the next answer. */
    drain(): void
  }
}

/** Milliseconds between two looks at whether all answers are sent, once nobody new is let in. */
const looksEvery = 100

/** How a copy of the service empties itself. Node ends neither a connection that is kept after an answer under way, nor one that never asked anything. */
async function drainPlugin(app: FastifyInstance): Promise<void> {
  const underWay = new Set<ServerResponse>()
  let draining = false
  const leave = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('connection', 'close')
  }
  // Past Fastify's hooks: some answers are sent without them.
  app.server.prependListener('request', (_message, response: ServerResponse) => {
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
    if (draining) leave(response)
  })
  app.decorate('drain', () => {
    draining = true
    app.readiness.stop()
    for (const response of underWay) leave(response)
  })
  let looks: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    app.drain()
    looks = setInterval(() => underWay.size === 0 && app.server.closeAllConnections(), looksEvery)
  })
  app.addHook('onClose', async () => clearInterval(looks))
}

export const drain = fp(drainPlugin, { name: 'drain', fastify: '5.x', dependencies: ['readiness'] })
