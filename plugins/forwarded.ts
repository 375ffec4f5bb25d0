import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/**
 * Says once when somebody forwards requests whom TRUST_PROXY does not name: either a proxy was forgotten, and all visitors share its limits, or
 * somebody tries to pass for another. Without values: anybody can send them.
 */
async function forwardedPlugin(app: FastifyInstance): Promise<void> {
  let said = false
  app.addHook('onRequest', (request, _reply, done) => {
    // Where the peer is trusted, the header has named another address than the peer's.
    if (!said && request.headers['x-forwarded-for'] && request.ip === request.socket.remoteAddress) {
      said = true
      request.log.warn('X-Forwarded-For comes from an address that TRUST_PROXY does not name, and is not believed. If it is your proxy, name it')
    }
    done()
  })
}

export const forwarded = fp(forwardedPlugin, { name: 'forwarded', fastify: '5.x' })
