import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { readAddressee } from './addressee.ts'

/** A refresh token came a second time: somebody has a copy. The session ends, and its member is told, once however many copies come at once. */
export async function endReusedSession(request: FastifyRequest, sessionId: string): Promise<void> {
  const { tenant, db, log } = request
  await db.$transaction(async (tx) => {
    const [ended] = await tx.$queryRaw<{ memberId: string }[]>`
      update sessions set ended_at = now(), end_reason = 'reused', sealed_successor = null
      where id = ${sessionId}::uuid and ended_at is null returning member_id as "memberId"`
    if (!ended) return
    const { memberId } = ended
    log.warn({ sessionId }, 'a refresh token was used again; its session ends')
    await recordEvent(tx, originOf(request), { action: 'session.reused', target: { kind: 'session', id: sessionId }, details: { member: memberId } })
    const { to, name, language } = await readAddressee(tx, memberId)
    const variables = { name, when: new Date().toISOString() }
    await enqueueMail(tx, { tenantId: tenant.id, kind: 'session-reused', to, language, variables })
  })
}
