import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { returnAddress } from '../../tenancy/return-address.ts'
import { TotpCode } from '../factors/factor-fields.ts'
import { answerWithTokens } from '../sessions/token-answer.ts'
import { confirmEnrolledTotp } from '../sign-in/enrol-totp.ts'
import { Pending } from '../sign-in/pending-sign-in.ts'
import { readOwedFactor } from '../sign-in/read-owed-factor.ts'
import { type AccountPage, openAccountPage, typedIn } from './account-page.ts'
import { againFromStart } from './again-from-start.ts'
import { describeEnrolment, describeRecoveryCodes } from './enrolment-page.ts'
import { ReturnTo } from './return-field.ts'

/** Answered by a page rather than sent on: the recovery codes are nowhere else to be seen. */
export const submitEnrolment = defineFlow({
  schema: { hide: true, body: Type.Object({ pending: Pending, code: TotpCode, return_to: ReturnTo }, { additionalProperties: false }) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      const { return_to: wish, ...proof } = request.body
      const { session, recoveryCodes } = await confirmEnrolledTotp(request, proof)
      await answerWithTokens(request, reply, session, 'cookie')
      page.send(describeRecoveryCodes(page.words, recoveryCodes, (await returnAddress(request, wish)) ?? '/account'))
    } catch (error) {
      await sendAgain(request, page, error)
    }
    return reply
  },
})

/** The same secret is shown once more: a mistyped code does not cost setting the app up anew. */
async function sendAgain(request: FastifyRequest, page: AccountPage, error: unknown): Promise<void> {
  const { pending = '', return_to: returnTo } = typedIn(request, 'pending', 'return_to')
  try {
    page.sendFailure(error, await describeEnrolment(request, page, { owed: await readOwedFactor(request, pending), returnTo }))
  } catch (later) {
    page.sendFailure(later, againFromStart(page.words))
  }
}
