import type { FastifyRequest } from 'fastify'

/**
 * What failures of a signed-in member to prove once more who they are count by: the member, over all sessions. Apart from failed sign-ins, which
 * anybody can bring about from outside: else a stranger could keep a member from ending the stranger's sessions.
 */
export function provingAccount({ tenant, session }: FastifyRequest): string {
  return `${tenant.id} again ${session.memberId}`
}
