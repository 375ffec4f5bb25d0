import type { FastifyRequest } from 'fastify'
import type { Standing } from './standing.ts'

/** Who is signed in, as of now. */
export interface Session {
  sessionId: string
  memberId: string
  member: Standing
}

/** From here on the request is this member's. */
export function enterSession(request: FastifyRequest, session: Session): void {
  const { permissions, operator } = session.member
  request.session = session
  request.caller = { kind: 'member', id: session.memberId, permissions, ...(operator ? { operator: operator.id } : {}) }
}
