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
import { carrySession } from '../sessions/carry-session.ts'
import { describeDevice } from '../sessions/device.ts'
import { emailChangeOldLife } from '../sessions/token-life.ts'
import { countProof } from './account-limits.ts'
import { type Proof, proofByCode, proofByToken, proveChallenge, spendChallenge } from './challenge.ts'
import { type EmailChange, emailChangePurposes, lockEmailChange, voidPendingChanges } from './email-change.ts'
import { mailLanguage } from './mail-language.ts'
import { voidChallenges, waysIn } from './void-challenges.ts'

const strict = { additionalProperties: false }

/** By a mail's link or its code: also for undoing a change, and for keeping an account. */
export const ProofBody = Type.Union([Type.Object(proofByToken, strict), Type.Object(proofByCode, strict)])

const ConfirmedAnswer = Type.Object(
  {
    confirmed: Type.Enum(['old', 'new'], { type: 'string', description: 'The address that this was the mail of' }),
    changed: Type.Boolean({ description: 'Whether both are confirmed, and the new one holds' }),
  },
  strict,
)
export type EmailChangeStep = Static<typeof ConfirmedAnswer>

export const confirmEmailChangeFlow = defineFlow({
  schema: {
    operationId: 'confirmEmailChange',
    summary: "Confirm a change of address, by the mail's link or its code. It takes the mails of both addresses",
    tags: ['auth'],
    body: ProofBody,
    response: { 200: ConfirmedAnswer, ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return confirmEmailChange(request, request.body)
  },
})

export async function confirmEmailChange(request: FastifyRequest, proof: Proof): Promise<EmailChangeStep> {
  const { db } = request
  await countProof(request)
  const { id, memberId } = await proveChallenge(request, emailChangePurposes, proof)
  const language = await mailLanguage(request, undefined, memberId)
  try {
    return await db.$transaction((tx) => confirmOne(tx, request, { challenge: id, language }))
  } catch (error) {
    // Somebody got the new address since: the change cannot come about any more.
    if (sqlState(error) !== '23505' || !memberId) throw error
    await db.$transaction((tx) => voidPendingChanges(tx, memberId))
    throw problem('CHALLENGE_INVALID')
  }
}

type Transaction = Pick<TenantDb, '$queryRaw' | '$executeRaw' | 'emailChange' | 'emailChallenge' | 'auditEvent' | 'mailMessage'>

const told: Record<Language, string> = {
  pt: 'O endereço de e-mail da sua conta foi mudado para outro. Se não foi você, a ligação da nossa mensagem anterior ainda anula a mudança durante três dias.',
  en: 'The e-mail address of your account was changed to another. If it was not you, the link in our earlier message still undoes it for three days.',
  fr: 'L’adresse e-mail de votre compte a été remplacée. Si ce n’était pas vous, le lien de notre message précédent annule encore le changement pendant trois jours.',
}

interface Confirmation {
  challenge: string
  language: Language
}

async function confirmOne(tx: Transaction, request: FastifyRequest, { challenge, language }: Confirmation): Promise<EmailChangeStep> {
  const change = await lockEmailChange(tx, challenge)
  if (!change || !isPending(change)) throw problem('CHALLENGE_INVALID')
  const confirmed = challenge === change.newChallenge ? 'new' : 'old'
  // The old address's mail is not spent by this, for it can still undo: what it said is written down with the change.
  const isFirst = confirmed === 'new' ? await spendChallenge(tx, 'change-email-new', challenge) : !change.oldConfirmed
  if (!isFirst) throw problem('CHALLENGE_INVALID')
  // The new one has a day; then the old one has as long as its own link.
  const saidNow = confirmed === 'new' ? { newConfirmedAt: new Date(), expiresAt: lifeOfOld() } : { oldConfirmedAt: new Date() }
  await tx.emailChange.updateMany({ where: { id: change.id }, data: saidNow })
  const changed = confirmed === 'new' ? change.oldConfirmed : change.newConfirmed
  if (changed) await applyChange(tx, request, { ...change, language })
  return { confirmed, changed }
}

function isPending({ undone, applied, over, status, emailKey: now, oldEmail }: EmailChange): boolean {
  return !undone && !applied && !over && status === 'active' && now === emailKey(oldEmail)
}

/** Every session ends but the one that asked; the old address's link is good for another three days from now, to undo it. */
async function applyChange(tx: Transaction, request: FastifyRequest, change: EmailChange & { language: Language }): Promise<void> {
  const { id, memberId, oldEmail, newEmail, oldChallenge, askedIn, language } = change
  const [moved] = await tx.$queryRaw<{ epoch: number; name: string }[]>`
    update members set email = ${newEmail}, email_key = ${emailKey(newEmail)}, email_verified_at = now(), epoch = epoch + 1, updated_at = now()
    where id = ${memberId}::uuid returning epoch, name`
  if (!moved) throw problem('CHALLENGE_INVALID')
  await carrySession(tx, { memberId, sessionId: askedIn, epoch: moved.epoch })
  const expiresAt = lifeOfOld()
  await tx.emailChange.updateMany({ where: { id }, data: { appliedAt: new Date(), expiresAt } })
  await tx.emailChallenge.updateMany({ where: { id: oldChallenge }, data: { expiresAt } })
  await voidChallenges(tx, memberId, waysIn)
  const event = { action: 'email.changed', target: { kind: 'member', id: memberId }, details: { change: id } } as const
  await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), event)
  const device = describeDevice(request.headers['user-agent'], language)
  const variables = { name: moved.name, change: told[language], when: new Date().toISOString(), device }
  await enqueueMail(tx, { tenantId: request.tenant.id, kind: 'factor-changed', to: oldEmail, language, variables })
}

function lifeOfOld(): Date {
  return new Date(Date.now() + emailChangeOldLife * 1000)
}
