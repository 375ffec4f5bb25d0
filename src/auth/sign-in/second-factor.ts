import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof } from '../account/account-limits.ts'
import { checkFactor, factorAccount, refuseWhileLocked } from '../factors/check-factor.ts'
import { RecoveryCodeTyped, TotpCode } from '../factors/factor-fields.ts'
import { readFactorNotice } from '../factors/factor-notice.ts'
import { passkeyBodyLimit, passkeyProof } from '../factors/passkey-response.ts'
import { requirePasskeys } from '../factors/relying-party.ts'
import type { OpenSession } from '../sessions/session-store.ts'
import { answerWithTokens, TokenAnswer, Transport } from '../sessions/token-answer.ts'
import { beginSession } from './finish-sign-in.ts'
import { countPendingTry, findPendingSignIn, Pending, spendPendingSignIn } from './pending-sign-in.ts'

const strict = { additionalProperties: false }
const step = { pending: Pending, transport: Transport }

export const SecondFactorBody = Type.Union([
  Type.Object({ ...step, code: TotpCode }, strict),
  Type.Object({ ...step, recoveryCode: RecoveryCodeTyped }, strict),
  Type.Object({ ...step, passkey: Type.Object(passkeyProof, strict) }, strict),
])

export const secondFactorFlow = defineFlow({
  schema: {
    operationId: 'secondFactor',
    summary: "Finish a sign-in by an authenticator app's code, a recovery code or a passkey",
    tags: ['auth'],
    body: SecondFactorBody,
    response: { 200: TokenAnswer, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: passkeyBodyLimit,
  async handler(request, reply) {
    const session = await secondFactor(request, request.body)
    return answerWithTokens(request, reply, session, request.body.transport ?? 'body')
  },
})

/**
 * Five tries a pending sign-in, twenty a day for the member, sixty with resets in between, and a delay that grows with each failure: who has stolen the
 * password, or reads the mail, can neither loop through sign-ins nor open many at once.
 */
export async function secondFactor(request: FastifyRequest, { pending: secret, ...proof }: Static<typeof SecondFactorBody>): Promise<OpenSession> {
  const { tenant, db, server } = request
  await countProof(request)
  const pending = await findPendingSignIn(db, secret)
  const { id, memberId, epoch } = pending
  const notice = await readFactorNotice(request, memberId)
  // Neither costs a try.
  if ('passkey' in proof) await requirePasskeys(request)
  else await refuseWhileLocked(request, memberId)
  await countPendingTry(db, id)
  const factor = await checkFactor(request, { memberId, boundTo: id, purpose: 'second-factor', notice }, proof)
  if (!factor) throw problem('SECOND_FACTOR_INVALID')
  const arrival = { memberId, epoch, methods: [...pending.methods, factor.method] }
  const session = await beginSession(request, arrival, {
    async before(tx) {
      await spendPendingSignIn(tx, id)
      if (!(await factor.spend(tx))) throw problem('SECOND_FACTOR_INVALID')
    },
    after: factor.tell,
  })
  await server.limits.failedSignIns.clear(factorAccount(request, memberId))
  await server.limits.failedSignIns.clear(`${tenant.id} ${notice.emailKey}`)
  return session
}
