import type { FastifyReply } from 'fastify'

/** Says of an answer that it depends on one more header of the request, beside those that it depends on already. */
export function addVary(reply: FastifyReply, name: string): void {
  reply.header('vary', [reply.getHeader('vary') ?? [], name].flat().join(', '))
}
