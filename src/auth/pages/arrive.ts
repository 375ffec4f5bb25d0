import type { FastifyReply, FastifyRequest } from 'fastify'
import { returnAddress } from '../../tenancy/return-address.ts'
import { answerWithTokens } from '../sessions/token-answer.ts'
import type { SignInOutcome } from '../sign-in/finish-sign-in.ts'
import type { AccountPage } from './account-page.ts'
import { sendSecondFactorPage } from './second-factor-page.ts'

/** What every way in ends with: the visitor is signed in and sent on, or shown what is still owed. */
export async function arrive(request: FastifyRequest, reply: FastifyReply, { page, result, returnTo }: Arriving): Promise<void> {
  if (result.outcome === 'owes-factor') return sendSecondFactorPage(request, page, { owed: result.owed, returnTo })
  await answerWithTokens(request, reply, result.session, 'cookie')
  reply.redirect((await returnAddress(request, returnTo)) ?? '/account', 303)
}

export interface Arriving {
  page: AccountPage
  result: SignInOutcome
  /** As it came with the form. */
  returnTo: string | undefined
}
