import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { matchesEtag, type PublicAnswer, type PublicCache } from './public-cache.ts'

export interface PublicRead {
  cache: PublicCache
  /** Names the answer among the tenant's own: the route and every parameter that changes it. */
  key: string
  type?: string
  load: () => Promise<string>
}

/** Answers a public read, with an ETag, and 304 to a caller that has it: at once from memory, or when the database has answered. */
export function answerPublicly(request: FastifyRequest, reply: FastifyReply, { cache, key, load, type }: PublicRead): void | Promise<void> {
  const kept = cache.read(request.tenant, key, load)
  if (kept instanceof Promise) return kept.then((answer) => send(request, reply, answer, type))
  send(request, reply, kept, type)
}

/**
 * Past Fastify's own sending, which measures and encodes the body each time: here that was done once. Headers and body leave in one write, as
 * bytes; a warm list of 7 kB costs a third less. Hooks that run after the answer still run.
 */
function send(request: FastifyRequest, reply: FastifyReply, { bytes, etag }: PublicAnswer, type = 'application/json; charset=utf-8'): void {
  reply.header('etag', etag).header('cache-control', 'no-cache')
  if (matchesEtag(request.headers['if-none-match'], etag)) {
    reply.code(304).send()
    return
  }
  const headers = { ...(reply.getHeaders() as OutgoingHttpHeaders), 'content-type': type, 'content-length': bytes.length }
  reply.hijack()
  reply.raw.writeHead(200, headers)
  reply.raw.end(bytes, 'latin1')
}
