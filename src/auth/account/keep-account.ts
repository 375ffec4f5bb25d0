import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof } from './account-limits.ts'
import { type Proof, proveChallenge, spendChallenge } from './challenge.ts'
import { ProofBody } from './confirm-email-change.ts'

export const keepAccountFlow = defineFlow({
  schema: {
    operationId: 'keepAccount',
    summary: "Keep an account that was to be erased, by the mail's link or its code. Sign in again afterwards",
    tags: ['auth'],
    body: ProofBody,
    response: { 204: Type.Null(), ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    await keepAccount(request, request.body)
    reply.code(204).header('cache-control', 'no-store').send(null)
  },
})

export async function keepAccount(request: FastifyRequest, proof: Proof): Promise<void> {
  await countProof(request)
  const { id, memberId, emailKey } = await proveChallenge(request, 'keep-account', proof)
  await request.db.$transaction(async (tx) => {
    // Locks the member first, as all do. One whom staff deactivated meanwhile is kept, and stays deactivated.
    const kept = await tx.$executeRaw`
      update members set erase_at = null, status = case when status = 'closing' then 'active' else status end, updated_at = now()
      where id = ${memberId}::uuid and email_key = ${emailKey} and status <> 'active' and erase_at > now()`
    if (kept !== 1 || !(await spendChallenge(tx, 'keep-account', id))) throw problem('CHALLENGE_INVALID')
    const target = { kind: 'member', id: String(memberId) }
    await recordEvent(tx, originOf(request, { kind: 'member', id: target.id }), { action: 'member.erasure-cancelled', target })
  })
}
