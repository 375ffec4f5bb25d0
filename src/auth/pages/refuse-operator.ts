import type { FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'
import { openAccountPage } from './account-page.ts'
import { sendProblem } from './send-problem.ts'

/** For pages of what is the member's own affair: 403, in words, to an operator who acts as the member. */
export async function refuseOperator(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (!request.session.member.operator) return undefined
  const page = await openAccountPage(request, reply)
  sendProblem(page, reply, { error: problem('AUTH_OPERATOR_REFUSED'), content: { title: page.words.overview.title } })
  return reply
}
