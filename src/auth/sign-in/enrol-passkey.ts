import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof } from '../account/account-limits.ts'
import { AddPasskeyBody } from '../factors/add-passkey.ts'
import { readFactorNotice } from '../factors/factor-notice.ts'
import { verifyNewPasskey } from '../factors/keep-passkey.ts'
import { PasskeyCreationAnswer, passkeyCreationOptions } from '../factors/passkey-options.ts'
import { passkeyBodyLimit } from '../factors/passkey-response.ts'
import { requirePasskeys } from '../factors/relying-party.ts'
import { answerWithTokens, Transport } from '../sessions/token-answer.ts'
import { type Enrolled, EnrolledAnswer, findEnrolment, finishEnrolment } from './enrol-factor.ts'
import { Pending, PendingBody } from './pending-sign-in.ts'

export const enrolPasskeyOptionsFlow = defineFlow({
  schema: {
    operationId: 'enrolPasskeyOptions',
    summary: 'Options for a new passkey in a sign-in that owes a second factor which the member does not have yet',
    tags: ['auth'],
    body: PendingBody,
    response: { 200: PasskeyCreationAnswer, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return enrolPasskeyOptions(request, request.body)
  },
})

export const EnrolPasskeyBody = Type.Object({ ...AddPasskeyBody.properties, pending: Pending, transport: Transport }, { additionalProperties: false })

export const enrolPasskeyFlow = defineFlow({
  schema: {
    operationId: 'enrolPasskey',
    summary: "Add the passkey that the device has made: the sign-in's tokens, and recovery codes",
    tags: ['auth'],
    body: EnrolPasskeyBody,
    response: { 200: EnrolledAnswer, ...problems(400, 401, 403, 404, 409, 413, 415, 429, 503) },
  },
  bodyLimit: passkeyBodyLimit,
  async handler(request, reply) {
    const { session, recoveryCodes } = await enrolPasskey(request, request.body)
    return { ...(await answerWithTokens(request, reply, session, request.body.transport ?? 'body')), recoveryCodes }
  },
})

export async function enrolPasskeyOptions(
  request: FastifyRequest,
  { pending: secret }: Static<typeof PendingBody>,
): Promise<Static<typeof PasskeyCreationAnswer>> {
  await countProof(request)
  await requirePasskeys(request)
  const { id, memberId } = await findEnrolment(request, secret)
  return passkeyCreationOptions(request, await readFactorNotice(request, memberId), id)
}

export async function enrolPasskey(request: FastifyRequest, body: Static<typeof EnrolPasskeyBody>): Promise<Enrolled> {
  const { challenge, response, name } = body
  await countProof(request)
  await requirePasskeys(request)
  const pending = await findEnrolment(request, body.pending)
  const { id: boundTo, memberId } = pending
  const passkey = await verifyNewPasskey(request, { memberId, boundTo, challenge, response, name })
  const notice = await readFactorNotice(request, memberId)
  return finishEnrolment(request, { pending, notice, method: 'passkey', change: 'passkey-added', add: (tx) => passkey.keep(tx) })
}
