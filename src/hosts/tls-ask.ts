import fastify, { type FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import type { Readiness } from '../db/readiness.ts'
import { isProblem } from '../errors.ts'
import { createBoundedQueue } from '../security/bounded-queue.ts'
import type { Directory } from '../tenancy/directory.ts'
import { normaliseHost } from '../tenancy/host-name.ts'
import type { Locator } from '../tenancy/read-tenant.ts'

export interface TlsAskTools {
  tenancy: Config['tenancy']
  directory: Directory
  readiness: Pick<Readiness, 'open'>
}

/** What is not in memory is looked up, a few at once: whoever makes up names must not fill the pool that the sites are served from. */
const lookUps = { concurrency: 2, queue: 100 }

/**
 * An app of its own for a listener of its own: a proxy with certificates on demand asks it whether a name is ours before it gets a certificate. 200 for
 * what is served, also for suspended sites, whose visitors are told so over TLS; 404 for all else. It answers from the directory's memory, changes
 * nothing and logs no names.
 */
export function createTlsAsk({ tenancy, directory, readiness }: TlsAskTools): FastifyInstance {
  const app = fastify({
    logger: false,
    routerOptions: { maxParamLength: 100 },
    http: { maxHeaderSize: 8_192, headersTimeout: 5_000 },
    requestTimeout: 10_000,
  })
  const turn = createBoundedQueue(lookUps)

  const isOurs = async (host: string): Promise<boolean> => {
    if (tenancy.apiHosts.includes(host)) return true
    const locators = locatorsOf(host, tenancy)
    const find = async (some: Locator[]) => (await Promise.all(some.map((one) => directory.find(one)))).some((tenant) => tenant !== undefined)
    const known = locators.filter((one) => directory.remembers(one))
    if (await find(known)) return true
    if (known.length === locators.length) return false
    return turn(() => find(locators.filter((one) => !known.includes(one))))
  }

  app.get<{ Querystring: { domain?: unknown } }>('/internal/tls-ask', async ({ query: { domain } }, reply) => {
    reply.header('cache-control', 'no-store')
    const host = typeof domain === 'string' && !domain.includes(':') ? normaliseHost(domain) : undefined
    if (host === undefined) return reply.code(400).send()
    if (!readiness.open) return reply.code(503).header('retry-after', '2').send()
    try {
      return await reply.code((await isOurs(host)) ? 200 : 404).send()
    } catch (error) {
      // Too many questions at once, or a database that is away: the proxy asks again at the next visit.
      const retryAfter = isProblem(error) ? '1' : '5'
      return reply.code(503).header('retry-after', retryAfter).send()
    }
  })
  return app
}

/** Below the base domain the first label is a slug; elsewhere the host itself is looked for. */
function locatorsOf(host: string, { resolvers, baseDomain }: Config['tenancy']): Locator[] {
  const label = host.slice(0, -baseDomain.length - 1)
  const isBelow = resolvers.includes('subdomain') && host.endsWith(`.${baseDomain}`) && !label.includes('.')
  return isBelow ? [{ host }, { slug: label }] : [{ host }]
}
