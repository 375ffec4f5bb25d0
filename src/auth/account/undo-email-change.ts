import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { sqlState } from '../../db/sql-error.ts'
import { problem } from '../../errors.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import type { Language } from '../../tenancy/language.ts'
import { describeDevice } from '../sessions/device.ts'
import { countProof } from './account-limits.ts'
import { type Proof, proveChallenge, spendChallenge } from './challenge.ts'
import { ProofBody } from './confirm-email-change.ts'
import { type EmailChange, lockEmailChange, voidPendingChanges } from './email-change.ts'
import { mailLanguage } from './mail-language.ts'
import { voidChallenges, waysIn } from './void-challenges.ts'

const UndoneAnswer = Type.Object(
  { restored: Type.Boolean({ description: 'Whether the address had changed already, and the old one is back. Every session has ended then' }) },
  { additionalProperties: false },
)

export const undoEmailChangeFlow = defineFlow({
  schema: {
    operationId: 'undoEmailChange',
    summary: "Keep the old address, or get it back, by the link or code of the old address's mail",
    tags: ['auth'],
    body: ProofBody,
    response: { 200: UndoneAnswer, ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return undoEmailChange(request, request.body)
  },
})

const told: Record<Language, string> = {
  pt: 'A mudança de endereço foi anulada. Terminámos todas as sessões e removemos a palavra-passe, as chaves de acesso e as aplicações definidas desde então.',
  en: 'The change of address was undone. All sessions have been ended, and the password, passkeys and authenticator apps set since then were removed.',
  fr: 'Le changement d’adresse a été annulé. Les sessions ont été fermées, et le mot de passe, les clés et les applications définis depuis ont été retirés.',
}

export async function undoEmailChange(request: FastifyRequest, proof: Proof): Promise<Static<typeof UndoneAnswer>> {
  await countProof(request)
  const { id, memberId } = await proveChallenge(request, 'change-email-old', proof)
  const language = await mailLanguage(request, undefined, memberId)
  try {
    return await request.db.$transaction((tx) => undo(tx, request, { challenge: id, language }))
  } catch (error) {
    // Somebody else has the old address by now.
    throw sqlState(error) === '23505' ? problem('CHALLENGE_INVALID') : error
  }
}

type Transaction = Pick<TenantDb, '$queryRaw' | '$executeRaw' | 'emailChallenge' | 'auditEvent' | 'mailMessage'>

async function undo(
  tx: Transaction,
  request: FastifyRequest,
  { challenge, language }: { challenge: string; language: Language },
): Promise<Static<typeof UndoneAnswer>> {
  const change = await lockEmailChange(tx, challenge)
  if (!change || change.undone || !(await spendChallenge(tx, 'change-email-old', challenge))) throw problem('CHALLENGE_INVALID')
  const { id, memberId, applied } = change
  const member = applied ? await restore(tx, change) : undefined
  if (!applied) await voidPendingChanges(tx, memberId)
  const event = { action: 'email.change-undone', target: { kind: 'member', id: memberId }, details: { change: id, restored: applied } } as const
  await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), event)
  if (member) {
    const device = describeDevice(request.headers['user-agent'], language)
    const variables = { name: member.name, change: told[language], when: new Date().toISOString(), device }
    await enqueueMail(tx, { tenantId: request.tenant.id, kind: 'factor-changed', to: change.oldEmail, language, variables })
  }
  return { restored: applied }
}

/**
 * Whoever took the account over may have gone further: a next change of address, and an erasure whose mail went to the address of then, end here
 * too, and so does every way in that was set since. A change from before this one can still be undone by its own mail.
 */
async function restore(tx: Transaction, { id, memberId, oldEmail }: EmailChange): Promise<{ name: string } | undefined> {
  const [member] = await tx.$queryRaw<{ name: string }[]>`
    update members set email = ${oldEmail}, email_key = ${emailKey(oldEmail)}, email_verified_at = now(), epoch = epoch + 1, updated_at = now(),
      erase_at = case when status = 'closing' then null else erase_at end, status = case when status = 'closing' then 'active' else status end
    where id = ${memberId}::uuid returning name`
  // Ids are in the order of time.
  await tx.$executeRaw`
    with gone as (
      update email_changes set undone_at = now() where member_id = ${memberId}::uuid and id >= ${id}::uuid and undone_at is null
      returning tenant_id, old_challenge, new_challenge)
    update email_challenges c set spent_at = now() from gone
    where c.tenant_id = gone.tenant_id and c.id in (gone.old_challenge, gone.new_challenge) and c.spent_at is null`
  await voidChallenges(tx, memberId, [...waysIn, 'keep-account'])
  await removeWaysInSince(tx, { id, memberId })
  return member
}

/** What a thief would come back by. The old mailbox sets a new password; what was there before the change stays. */
async function removeWaysInSince(tx: Transaction, { id, memberId }: Pick<EmailChange, 'id' | 'memberId'>): Promise<void> {
  await tx.$executeRaw`delete from passkeys f using email_changes c where c.id = ${id}::uuid and f.member_id = c.member_id and f.created_at >= c.created_at`
  await tx.$executeRaw`delete from totp_factors f using email_changes c where c.id = ${id}::uuid and f.member_id = c.member_id and f.created_at >= c.created_at`
  await tx.$executeRaw`delete from recovery_codes f using email_changes c where c.id = ${id}::uuid and f.member_id = c.member_id and f.created_at >= c.created_at`
  await tx.$executeRaw`delete from passwords f using email_changes c where c.id = ${id}::uuid and f.member_id = c.member_id and f.updated_at >= c.created_at`
  await tx.$executeRaw`delete from pending_sign_ins where member_id = ${memberId}::uuid`
}
