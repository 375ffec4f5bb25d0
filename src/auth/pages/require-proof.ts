import type { FastifyReply, FastifyRequest } from 'fastify'
import { hasFreshProof } from './has-fresh-proof.ts'

/**
 * For a route of a sensitive act (ASVS V7.5.1), as its `onRequest`: whoever has not proved lately who they are is sent to do so, and from there to
 * `returnTo`. A form that came without the proof is lost, for it may hold a password: the page of it is where to go on.
 */
export function requireProof(returnTo: string) {
  return async function proofHook(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (await hasFreshProof(request)) return
    return reply.redirect(`/account/reauthenticate?return_to=${encodeURIComponent(returnTo)}`, 303)
  }
}
