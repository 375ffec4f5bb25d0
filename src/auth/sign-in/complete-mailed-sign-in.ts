import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof } from '../account/account-limits.ts'
import { type Proof, type Proven, proofByCode, proofByToken, proveChallenge, spendChallenge } from '../account/challenge.ts'
import { Transport } from '../sessions/token-answer.ts'
import { answerSignIn, signInAnswers } from './answer-sign-in.ts'
import { finishSignIn, type SignInOutcome } from './finish-sign-in.ts'
import { requireMailedSignIn } from './mailed-sign-in-policy.ts'

const strict = { additionalProperties: false }

export const completeMailedSignInFlow = defineFlow({
  schema: {
    operationId: 'completeMailedSignIn',
    summary: "Sign in by the mail's link, or by its code together with the request it belongs to",
    tags: ['auth'],
    body: Type.Union([Type.Object({ ...proofByToken, transport: Transport }, strict), Type.Object({ ...proofByCode, transport: Transport }, strict)]),
    response: { ...signInAnswers, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { transport = 'body', ...proof } = request.body
    return answerSignIn(request, reply, await completeMailedSignIn(request, proof), transport)
  },
})

/**
 * A mail is a first factor, never a second. The link works in whichever browser it is opened, so its page has to say whose account it leads to, and
 * to wait for a button: a link that somebody sent must not sign anybody in unasked. The code works for who asked for it alone.
 */
export async function completeMailedSignIn(request: FastifyRequest, proof: Proof): Promise<SignInOutcome> {
  await countProof(request)
  await requireMailedSignIn(request)
  const proven = await proveChallenge(request, 'sign-in', proof)
  const arrival = await request.db.$transaction((tx) => spend(tx, proven))
  const result = await finishSignIn(request, { ...arrival, methods: ['token' in proof ? 'email-link' : 'email-code'] })
  // With a second factor owed, failed passwords still count: whoever reads the mail could clear them each time.
  if (result.outcome === 'signed-in') await request.server.limits.failedSignIns.clear(`${request.tenant.id} ${proven.emailKey}`)
  return result
}

/** Whose account a link leads to, for its page. Spends nothing. */
export async function readMailedSignIn(request: FastifyRequest, token: string): Promise<{ email: string }> {
  await countProof(request)
  await requireMailedSignIn(request)
  const { emailKey } = await proveChallenge(request, 'sign-in', { token })
  return { email: emailKey }
}

type Spender = Pick<TenantDb, '$queryRaw' | 'member'>

/** One of any number at once gets through. A mail that went to an address of before counts no more, nor does one to who was deactivated since. */
async function spend(tx: Spender, { id, memberId, emailKey }: Proven): Promise<{ memberId: string; epoch: number }> {
  const member = memberId && (await spendChallenge(tx, 'sign-in', id)) ? await findMember(tx, { id: memberId, emailKey }) : undefined
  if (!member) throw problem('CHALLENGE_INVALID')
  if (!member.emailVerifiedAt) await tx.member.updateMany({ where: { id: member.id }, data: { emailVerifiedAt: new Date() } })
  return { memberId: member.id, epoch: member.epoch }
}

function findMember(tx: Spender, { id, emailKey }: { id: string; emailKey: string }) {
  return tx.member.findFirst({ where: { id, emailKey, status: 'active' }, select: { id: true, epoch: true, emailVerifiedAt: true } })
}
