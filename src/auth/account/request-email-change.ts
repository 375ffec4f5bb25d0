import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { newId } from '../../security/random-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { emailChangeNewLife, emailChangeOldLife } from '../sessions/token-life.ts'
import { Email, requireEmailKey } from './account-fields.ts'
import { countAccountRequest, countMail } from './account-limits.ts'
import { ChallengeAnswer, openChallenge } from './challenge.ts'
import { hideEmail, voidPendingChanges } from './email-change.ts'
import { MailLanguage, mailLanguage } from './mail-language.ts'
import { mailOrTakeBack } from './mail-or-take-back.ts'

export const EmailChangeBody = Type.Object({ email: Email, language: MailLanguage }, { additionalProperties: false })

const EmailChangeAnswer = Type.Object({ newAddress: ChallengeAnswer, oldAddress: ChallengeAnswer }, { additionalProperties: false })

export const requestEmailChangeFlow = defineFlow({
  schema: {
    operationId: 'requestEmailChange',
    summary: 'Ask for another address. Mails to both tell how to confirm it; the answer is the same for an address that somebody has',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: EmailChangeBody,
    response: { 202: EmailChangeAnswer, ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const answer = await requestEmailChange(request, request.body)
    reply.code(202).header('cache-control', 'no-store')
    return answer
  },
})

export async function requestEmailChange(
  request: FastifyRequest,
  { email, language: wish }: Static<typeof EmailChangeBody>,
): Promise<Static<typeof EmailChangeAnswer>> {
  const { tenant, db, session } = request
  const tenantId = tenant.id
  await countAccountRequest(request)
  const newKey = requireEmailKey(email)
  const member = await db.member.findFirst({ where: { id: session.memberId }, select: { id: true, name: true, email: true, emailKey: true } })
  if (!member) throw problem('AUTH_TOKEN_INVALID')
  if (newKey === member.emailKey) throw problem('REQUEST_INVALID', { issues: [{ path: '/email', message: 'must be another than the one of now' }] })
  await countMail(request, 'change-email-new', newKey)
  await countMail(request, 'change-email-old', member.emailKey)
  const language = await mailLanguage(request, wish, member.id)
  return db.$transaction(async (tx) => {
    await lockAtAddress(tx, member)
    const taken = await tx.member.findFirst({ where: { emailKey: newKey }, select: { id: true } })
    await voidPendingChanges(tx, member.id)
    const toOld = { tenantId, purpose: 'change-email-old' as const, emailKey: member.emailKey, memberId: member.id, life: emailChangeOldLife }
    const toNew = { tenantId, purpose: 'change-email-new' as const, emailKey: newKey, life: emailChangeNewLife }
    const oldAddress = await openChallenge(tx, toOld)
    const newAddress = await openChallenge(tx, taken ? toNew : { ...toNew, memberId: member.id })
    const id = newId()
    const challenges = { oldChallenge: oldAddress.challenge, newChallenge: newAddress.challenge, askedIn: session.sessionId }
    const [oldEmail, expiresAt] = [member.email, newAddress.expiresAt]
    await tx.emailChange.createMany({ data: [{ tenantId, id, memberId: member.id, oldEmail, newEmail: email, ...challenges, expiresAt }] })
    await recordEvent(tx, originOf(request), {
      action: 'email.change-requested',
      target: { kind: 'member', id: member.id },
      details: { change: id },
    })
    const mails = { tenantId, language, name: member.name }
    await sendBoth(tx, { ...mails, old: { ...oldAddress, to: member.emailKey }, fresh: { ...newAddress, to: newKey }, taken: taken !== null })
    return { newAddress, oldAddress }
  })
}

/** First of all, so that two wishes at once come one after the other, and the later voids the earlier. */
async function lockAtAddress(tx: Pick<TenantDb, '$queryRaw'>, { id, emailKey }: { id: string; emailKey: string }): Promise<void> {
  const found = await tx.$queryRaw<object[]>`
    select 1 from members where id = ${id}::uuid and email_key = ${emailKey} and status = 'active' for update`
  if (found.length === 0) throw problem('AUTH_TOKEN_INVALID')
}

type Recipient = ChallengeAnswer & { to: string }

interface Mails {
  tenantId: string
  language: Awaited<ReturnType<typeof mailLanguage>>
  name: string
  old: Recipient
  fresh: Recipient
  taken: boolean
}

async function sendBoth(tx: Pick<TenantDb, 'mailMessage' | '$executeRaw'>, { tenantId, language, name, old, fresh, taken }: Mails): Promise<void> {
  const mailTo = ({ to, challenge, expiresAt }: Recipient) => ({ tenantId, to, language, challengeId: challenge, expiresAt: new Date(expiresAt) })
  await enqueueMail(tx, { ...mailTo(old), kind: 'email-change-old', variables: { name, new_address: hideEmail(fresh.to) } })
  await mailOrTakeBack(tx, { ...mailTo(fresh), kind: 'email-change-new', variables: {} }, !taken)
}
