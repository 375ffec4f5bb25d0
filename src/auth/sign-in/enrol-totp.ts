import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { newId } from '../../security/random-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof } from '../account/account-limits.ts'
import { TotpCode, TotpSetupAnswer } from '../factors/factor-fields.ts'
import { readFactorNotice } from '../factors/factor-notice.ts'
import { newTotpSecret, stepOfCode } from '../factors/totp.ts'
import { describeTotpFor, sealTotp } from '../factors/totp-factor.ts'
import { answerWithTokens, Transport } from '../sessions/token-answer.ts'
import { type Enrolled, EnrolledAnswer, findEnrolment, finishEnrolment } from './enrol-factor.ts'
import { countPendingTry, keepPendingTotp, Pending, PendingBody } from './pending-sign-in.ts'

/** Until it is confirmed the secret belongs to the sign-in. */
const field = 'pending_sign_ins.sealed_totp'

export const enrolTotpFlow = defineFlow({
  schema: {
    operationId: 'enrolTotp',
    summary: 'Set up an authenticator app in a sign-in that owes a second factor which the member does not have yet',
    tags: ['auth'],
    body: PendingBody,
    response: { 200: TotpSetupAnswer, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return enrolTotp(request, request.body)
  },
})

export const ConfirmEnrolledTotpBody = Type.Object({ pending: Pending, code: TotpCode, transport: Transport }, { additionalProperties: false })

export const confirmEnrolledTotpFlow = defineFlow({
  schema: {
    operationId: 'confirmEnrolledTotp',
    summary: "Confirm the authenticator app by its first code: the sign-in's tokens, and recovery codes",
    tags: ['auth'],
    body: ConfirmEnrolledTotpBody,
    response: { 200: EnrolledAnswer, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { session, recoveryCodes } = await confirmEnrolledTotp(request, request.body)
    return { ...(await answerWithTokens(request, reply, session, request.body.transport ?? 'body')), recoveryCodes }
  },
})

/** The same secret each time it is asked for in one sign-in. */
export async function enrolTotp(request: FastifyRequest, { pending: secret }: Static<typeof PendingBody>): Promise<Static<typeof TotpSetupAnswer>> {
  const { tenant, db, server } = request
  const place = { tenantId: tenant.id, field }
  await countProof(request)
  const { id, memberId } = await findEnrolment(request, secret)
  const { email } = await readFactorNotice(request, memberId)
  const sealed = await keepPendingTotp(db, id, server.secretBox.seal(newTotpSecret(), place))
  return describeTotpFor(request, server.secretBox.open(sealed, place), email)
}

export async function confirmEnrolledTotp(
  request: FastifyRequest,
  { pending: secret, code }: Static<typeof ConfirmEnrolledTotpBody>,
): Promise<Enrolled> {
  const { tenant, db, server } = request
  await countProof(request)
  const pending = await findEnrolment(request, secret)
  const { id: pendingId, memberId, sealedTotp } = pending
  if (sealedTotp === null) throw problem('PENDING_INVALID')
  await countPendingTry(db, pendingId)
  const totp = server.secretBox.open(sealedTotp, { tenantId: tenant.id, field })
  const step = stepOfCode(totp, code)
  if (step === undefined) throw problem('SECOND_FACTOR_INVALID')
  const notice = await readFactorNotice(request, memberId)
  const id = newId()
  const factor = { tenantId: tenant.id, id, memberId, name: 'Authenticator', sealedSecret: sealTotp(request, totp) }
  return finishEnrolment(request, {
    pending,
    notice,
    method: 'totp',
    change: 'totp-added',
    async add(tx) {
      await tx.totpFactor.create({ data: { ...factor, lastStep: step, confirmedAt: new Date() } })
      await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), { action: 'factor.added', target: { kind: 'totp', id } })
    },
  })
}
