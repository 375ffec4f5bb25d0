import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { RecoveryCodeTyped, TotpCode } from '../factors/factor-fields.ts'
import { Pending } from '../sign-in/pending-sign-in.ts'
import { readOwedFactor } from '../sign-in/read-owed-factor.ts'
import { secondFactor } from '../sign-in/second-factor.ts'
import { type AccountPage, openAccountPage, typedIn } from './account-page.ts'
import { againFromStart } from './again-from-start.ts'
import { arrive } from './arrive.ts'
import { ReturnTo } from './return-field.ts'
import { describeSecondFactor } from './second-factor-page.ts'

export const submitSecondFactor = defineFlow({
  schema: {
    hide: true,
    body: Type.Object(
      { pending: Pending, code: Type.Optional(TotpCode), recoveryCode: Type.Optional(RecoveryCodeTyped), return_to: ReturnTo },
      { additionalProperties: false },
    ),
  },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      const { pending, code, recoveryCode, return_to: returnTo } = request.body
      const session = await secondFactor(request, { pending, ...oneOf(code, recoveryCode) })
      await arrive(request, reply, { page, result: { outcome: 'signed-in', session }, returnTo })
    } catch (error) {
      await sendAgain(request, page, error)
    }
    return reply
  },
})

function oneOf(code: string | undefined, recoveryCode: string | undefined): { code: string } | { recoveryCode: string } {
  if (code !== undefined) return { code }
  if (recoveryCode !== undefined) return { recoveryCode }
  throw problem('REQUEST_INVALID', { issues: [{ path: '/code', message: 'must be given' }] })
}

/** A wrong code leaves the sign-in as it was, until its tries are used up. */
async function sendAgain(request: FastifyRequest, page: AccountPage, error: unknown): Promise<void> {
  const { pending = '', return_to: returnTo } = typedIn(request, 'pending', 'return_to')
  try {
    page.sendFailure(error, await describeSecondFactor(request, page, { owed: await readOwedFactor(request, pending), returnTo }))
  } catch (later) {
    page.sendFailure(later, againFromStart(page.words))
  }
}
