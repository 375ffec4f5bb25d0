import type { IncomingMessage, ServerResponse } from 'node:http'
import helmet from '@fastify/helmet'
import underPressure from '@fastify/under-pressure'
import fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../src/config.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of @fastify/under-pressure: what the route does where others are refused. */
    pressureHandler?: () => undefined
  }
}

export interface EdgeOptions {
  config: Config
  /** Milliseconds that the event loop may lag before callers are answered 503; 0: any. */
  maxEventLoopDelay: number
  /** Milliseconds that a body may take, where its route does not say that it takes long. */
  bodyTimeout: number
}

/** What holds for every request, whoever it is for: security headers, refusal under pressure, a time for bodies. */
async function edgePlugin(app: FastifyInstance, { config, maxEventLoopDelay, bodyTimeout }: EdgeOptions): Promise<void> {
  const fixed = await securityHeaders(config)
  // A sample in which the loop never turned counts as endless: one as long as the lag allowed says no more than that.
  await app.register(underPressure, { maxEventLoopDelay, sampleInterval: 1_000, retryAfter: 2 })
  app.removeContentTypeParser('text/plain')
  const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>()
  // From the first: also what no route is found for, and what is refused under pressure, may have a body that trickles.
  app.server.prependListener('request', (message: IncomingMessage, response: ServerResponse) => {
    const timer = limitBody(app, { message, response }, bodyTimeout)
    if (timer) timers.set(message, timer)
  })
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(fixed).header('x-request-id', request.id)
    if (request.routeOptions.config.longBody) clearTimeout(timers.get(request.raw))
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      { method: request.method, path: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
    done()
  })
}

/** Node's own time-out for requests knows no exceptions; its answer is the one that such a body gets here (plugins/problem.ts). */
function limitBody(app: FastifyInstance, { message, response }: Exchange, milliseconds: number): NodeJS.Timeout | undefined {
  const { 'content-length': length, 'transfer-encoding': coding } = message.headers
  if (coding === undefined && Number(length ?? 0) === 0) return undefined
  const late = () => {
    if (message.complete) return
    // Into an answer that is under way nothing can be said any more.
    if (response.headersSent) message.destroy()
    else app.server.emit('clientError', Object.assign(new Error('the body is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), message.socket)
  }
  const timer = setTimeout(late, milliseconds).unref()
  for (const over of ['end', 'close'] as const) message.once(over, () => clearTimeout(timer))
  return timer
}

interface Exchange {
  message: IncomingMessage
  response: ServerResponse
}

/**
 * What @fastify/helmet answers with. It makes the same headers anew for every request, a third of the work of one answered from memory, so it is
 * asked once. A page that needs more says so itself.
 */
async function securityHeaders(config: Config): Promise<Record<string, string>> {
  const asked = fastify()
  await asked.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
    strictTransportSecurity: config.publicOrigin.scheme === 'https' ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    // The policy's frame-ancestors says it (ASVS V3.4.6), and what follows is for documents: a page says it for itself.
    xFrameOptions: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    xXssProtection: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
  })
  asked.get('/', async (_request, reply) => reply.raw.getHeaders())
  const answer = await asked.inject('/')
  await asked.close()
  return answer.json()
}

export const edge = fp(edgePlugin, { name: 'edge', fastify: '5.x', dependencies: ['problem'] })
