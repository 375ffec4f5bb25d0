import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { describeDevice } from '../sessions/device.ts'
import { NewPassword } from './account-fields.ts'
import { countProof } from './account-limits.ts'
import { type Proven, proofByCode, proofByToken, proveChallenge, spendChallenge } from './challenge.ts'
import { voidPendingChanges } from './email-change.ts'
import { mailLanguage } from './mail-language.ts'
import { requireGoodPassword } from './require-good-password.ts'
import { voidChallenges, waysIn } from './void-challenges.ts'

const strict = { additionalProperties: false }

export const ResetPasswordBody = Type.Union([
  Type.Object({ ...proofByToken, password: NewPassword }, strict),
  Type.Object({ ...proofByCode, password: NewPassword }, strict),
])

export const resetPasswordFlow = defineFlow({
  schema: {
    operationId: 'resetPassword',
    summary: "Set a new password, by the mail's link or its code. Every session of the member ends",
    tags: ['auth'],
    body: ResetPasswordBody,
    response: { 204: Type.Null(), ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    await resetPassword(request, request.body)
    reply.code(204).header('cache-control', 'no-store').send(null)
  },
})

export async function resetPassword(request: FastifyRequest, { password, ...proof }: Static<typeof ResetPasswordBody>): Promise<void> {
  const { tenant, db, server, headers } = request
  const tenantId = tenant.id
  await countProof(request)
  await requireGoodPassword(request, password)
  // Before the hash, so that a guess does not cost one.
  const proven = await proveChallenge(request, 'reset-password', proof)
  const owner = await db.member.findFirst({ where: { emailKey: proven.emailKey }, select: { name: true } })
  await requireGoodPassword(request, password, [proven.emailKey, owner?.name ?? ''])
  const hash = await server.hasher.hash(password)
  const language = await mailLanguage(request, undefined, proven.memberId)
  const when = new Date().toISOString()
  await db.$transaction(async (tx) => {
    const member = await endSessionsOf(tx, proven)
    if (!member || !(await spendChallenge(tx, 'reset-password', proven.id))) throw problem('CHALLENGE_INVALID')
    await tx.password.upsert({
      where: { tenantId_memberId: { tenantId, memberId: member.id } },
      create: { tenantId, memberId: member.id, hash },
      update: { hash },
    })
    await voidChallenges(tx, member.id, waysIn)
    // Whoever had the account before must not finish what they began there.
    await voidPendingChanges(tx, member.id)
    await recordEvent(tx, originOf(request, { kind: 'member', id: member.id }), {
      action: 'password.reset',
      target: { kind: 'member', id: member.id },
    })
    const variables = { name: member.name, when, device: describeDevice(headers['user-agent'], language) }
    await enqueueMail(tx, { tenantId, kind: 'password-changed', to: proven.emailKey, language, variables })
  })
  await server.limits.failedSignIns.clear(`${tenantId} ${proven.emailKey}`)
}

/**
 * Moves the epoch on. It comes first because it locks the member: of two links that arrive at once the second waits, and then finds itself void.
 * A mail that went to an address of before counts no more.
 */
async function endSessionsOf(tx: Pick<TenantDb, '$queryRaw'>, { memberId, emailKey }: Proven): Promise<{ id: string; name: string } | undefined> {
  const [member] = await tx.$queryRaw<{ id: string; name: string }[]>`
    update members set epoch = epoch + 1, email_verified_at = coalesce(email_verified_at, now()), updated_at = now()
    where id = ${memberId}::uuid and email_key = ${emailKey} and status = 'active'
    returning id, name`
  return member
}
