import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof, countSignIn } from '../account/account-limits.ts'
import { checkPasskey } from '../factors/check-passkey.ts'
import { PasskeyRequestAnswer, passkeyRequestOptions } from '../factors/passkey-options.ts'
import { passkeyBodyLimit, passkeyProof } from '../factors/passkey-response.ts'
import { requirePasskeys } from '../factors/relying-party.ts'
import { Transport } from '../sessions/token-answer.ts'
import { answerSignIn, signInAnswers } from './answer-sign-in.ts'
import { finishSignIn, type SignInOutcome } from './finish-sign-in.ts'

export const passkeyOptionsFlow = defineFlow({
  schema: {
    operationId: 'passkeyOptions',
    summary: 'Options to sign in by a passkey. They name no account: the device offers what it has for this site',
    tags: ['auth'],
    response: { 200: PasskeyRequestAnswer, ...problems(400, 403, 404, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return passkeyOptions(request)
  },
})

export const PasskeySignInBody = Type.Object({ ...passkeyProof, transport: Transport }, { additionalProperties: false })

export const passkeySignInFlow = defineFlow({
  schema: {
    operationId: 'passkeySignIn',
    summary: 'Sign in by a passkey',
    tags: ['auth'],
    body: PasskeySignInBody,
    response: { ...signInAnswers, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: passkeyBodyLimit,
  async handler(request, reply) {
    const outcome = await passkeySignIn(request, request.body)
    return answerSignIn(request, reply, outcome, request.body.transport ?? 'body')
  },
})

/** Counted apart from sign-ins: a page may ask for them whenever it is opened. */
export async function passkeyOptions(request: FastifyRequest): Promise<Static<typeof PasskeyRequestAnswer>> {
  await countProof(request)
  await requirePasskeys(request)
  return passkeyRequestOptions(request, { purpose: 'sign-in' })
}

/** Failures are not counted for an account: a signature cannot be guessed, and a stranger could shut the member out. */
export async function passkeySignIn(request: FastifyRequest, proof: Static<typeof PasskeySignInBody>): Promise<SignInOutcome> {
  await countSignIn(request)
  await requirePasskeys(request)
  const passkey = await checkPasskey(request, { purpose: 'sign-in' }, proof)
  if (!passkey || !(await passkey.spend(request.db))) throw problem('PASSKEY_INVALID')
  const { memberId, epoch } = passkey
  return finishSignIn(request, { memberId, epoch, methods: ['passkey'] })
}
