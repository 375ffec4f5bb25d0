import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof } from '../account/account-limits.ts'
import { PasskeyRequestAnswer, passkeyRequestOptions } from '../factors/passkey-options.ts'
import { requirePasskeys } from '../factors/relying-party.ts'
import { findPendingSignIn, PendingBody } from './pending-sign-in.ts'

type Options = Static<typeof PasskeyRequestAnswer>

export const secondFactorOptionsFlow = defineFlow({
  schema: {
    operationId: 'secondFactorOptions',
    summary: 'Options to show a passkey as second factor. Good once, for five minutes, in this sign-in',
    tags: ['auth'],
    body: PendingBody,
    response: { 200: PasskeyRequestAnswer, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return secondFactorOptions(request, request.body)
  },
})

export const reauthenticateOptionsFlow = defineFlow({
  schema: {
    operationId: 'reauthenticateOptions',
    summary: 'Options to show a passkey once more in this session, for a sensitive act',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    response: { 200: PasskeyRequestAnswer, ...problems(400, 401, 403, 404, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return reauthenticateOptions(request)
  },
})

export async function secondFactorOptions(request: FastifyRequest, { pending: secret }: Static<typeof PendingBody>): Promise<Options> {
  await countProof(request)
  await requirePasskeys(request)
  const { id: boundTo, memberId, enrol } = await findPendingSignIn(request.db, secret)
  if (enrol) throw problem('PENDING_INVALID')
  return passkeyRequestOptions(request, { purpose: 'second-factor', memberId, boundTo })
}

export async function reauthenticateOptions(request: FastifyRequest): Promise<Options> {
  await countProof(request)
  await requirePasskeys(request)
  const { memberId, sessionId: boundTo } = request.session
  return passkeyRequestOptions(request, { purpose: 'reauthenticate', memberId, boundTo })
}
