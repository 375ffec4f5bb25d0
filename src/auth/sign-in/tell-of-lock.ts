import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { languageOf } from '../../tenancy/language.ts'
import { mailLanguage } from '../account/mail-language.ts'

/**
 * Tells a member, by mail and in the audit log, that signing in to their account pauses. A name that nobody has costs the same statements: what is
 * written for it is taken back. Guesses at once begin one pause together, so it is told once a minute, and five times an hour, at most.
 */
export async function tellOfLock(request: FastifyRequest, emailKey: string): Promise<void> {
  const { tenant, db, server } = request
  const tenantId = tenant.id
  const { mailsSoon, mailsHourly } = server.limits
  const told = `${tenantId} sign-in-locked ${emailKey}`
  if ((await mailsSoon.take(told)) > 0 || (await mailsHourly.take(told)) > 0) return
  // What cannot be an address is no account's either. Written to a name of its own, it costs the same.
  const to = emailKey.startsWith('?') ? 'nobody@invalid.example' : emailKey
  const siteLanguage = await mailLanguage(request)
  await db.$transaction(async (tx) => {
    const member = await tx.member.findFirst({ where: { emailKey, status: 'active' }, select: { id: true, name: true, language: true } })
    await tx.$executeRaw`savepoint before_lock`
    const event = { action: 'session.locked', target: { kind: 'member', id: member?.id ?? tenantId } } as const
    await recordEvent(tx, originOf(request, { kind: 'visitor' }), event)
    const language = member?.language ? languageOf(member.language) : siteLanguage
    const variables = { name: member?.name ?? '', when: new Date().toISOString() }
    await enqueueMail(tx, { tenantId, kind: 'sign-in-locked', to, language, variables })
    if (member) await tx.$executeRaw`release savepoint before_lock`
    else await tx.$executeRaw`rollback to savepoint before_lock`
  })
}
