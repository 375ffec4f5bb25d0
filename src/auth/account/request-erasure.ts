import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { clearCookies } from '../sessions/token-answer.ts'
import { erasureGrace } from '../sessions/token-life.ts'
import { refuseLastOwner } from '../staff/last-owner.ts'
import { type ChallengeAnswer, openChallenge } from './challenge.ts'
import { voidPendingChanges } from './email-change.ts'
import { mailLanguage } from './mail-language.ts'
import { voidChallenges, waysIn } from './void-challenges.ts'

export const requestErasureFlow = defineFlow({
  schema: {
    operationId: 'requestErasure',
    summary: 'Have the account erased in 14 days. Every session ends now; a mail says how to keep the account until then',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: Type.Object({}, { additionalProperties: false }),
    response: {
      202: Type.Object({ eraseAt: Type.String({ format: 'date-time', maxLength: 30 }) }, { additionalProperties: false }),
      ...problems(400, 401, 403, 404, 409, 413, 415, 503),
    },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { eraseAt } = await requestErasure(request)
    clearCookies(reply)
    reply.code(202).header('cache-control', 'no-store')
    return { eraseAt: eraseAt.toISOString() }
  },
})

export interface Erasure extends Pick<ChallengeAnswer, 'challenge'> {
  eraseAt: Date
}

/** Nothing is lost yet: a member who is `closing` can do nothing, be signed in as by nobody, and come back by the mail's link. */
export async function requestErasure(request: FastifyRequest): Promise<Erasure> {
  const { tenant, db, session } = request
  const { memberId } = session
  const tenantId = tenant.id
  const language = await mailLanguage(request, undefined, memberId)
  return db.$transaction(async (tx) => {
    await refuseLastOwner(tx, memberId)
    const [member] = await tx.$queryRaw<{ name: string; emailKey: string; eraseAt: Date }[]>`
      update members set status = 'closing', erase_at = now() + make_interval(secs => ${erasureGrace}), epoch = epoch + 1, updated_at = now()
      where id = ${memberId}::uuid and status = 'active' returning name, email_key as "emailKey", erase_at as "eraseAt"`
    if (!member) throw problem('AUTH_TOKEN_INVALID')
    const { name, emailKey, eraseAt } = member
    await voidPendingChanges(tx, memberId)
    await voidChallenges(tx, memberId, waysIn)
    const { challenge } = await openChallenge(tx, { tenantId, purpose: 'keep-account', emailKey, memberId, life: erasureGrace })
    await recordEvent(tx, originOf(request), { action: 'member.erasure-requested', target: { kind: 'member', id: memberId } })
    const variables = { name, when: eraseAt.toISOString() }
    await enqueueMail(tx, { tenantId, kind: 'keep-account', to: emailKey, language, variables, challengeId: challenge, expiresAt: eraseAt })
    return { eraseAt, challenge }
  })
}
