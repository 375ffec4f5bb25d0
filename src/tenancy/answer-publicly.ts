import type { FastifyReply, FastifyRequest } from 'fastify'
import { matchesEtag, type PublicCache } from './public-cache.ts'

export interface PublicRead {
  cache: PublicCache
  /** Names the answer among the tenant's own: the route and every parameter that changes it. */
  key: string
  type?: string
  load: () => Promise<string>
}

/** Answers a public read from memory or the database, with an ETag, and 304 to a caller that has it. */
export async function answerPublicly(request: FastifyRequest, reply: FastifyReply, { cache, key, load, type }: PublicRead): Promise<void> {
  const kept = cache.read(request.tenant, key, load)
  const { body, etag } = kept instanceof Promise ? await kept : kept
  reply.header('etag', etag).header('cache-control', 'no-cache')
  if (matchesEtag(request.headers['if-none-match'], etag)) {
    reply.code(304).send()
    return
  }
  reply.type(type ?? 'application/json; charset=utf-8').send(body)
}
