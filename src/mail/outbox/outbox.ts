import type { TenantDb } from '../../db/client.ts'
import type { FailureReason } from '../providers/provider.ts'

/** A mail as the outbox keeps it. */
export interface QueuedMail {
  id: string
  kind: string
  recipient: string
  locale: string
  variables: unknown
  challengeId: string | null
  intent: string
  messageRef: string | null
  attempts: number
  expiresAt: Date
}

const fields = {
  id: true,
  kind: true,
  recipient: true,
  locale: true,
  variables: true,
  challengeId: true,
  intent: true,
  messageRef: true,
  attempts: true,
  expiresAt: true,
} as const

/** What is due, longest first. */
export function dueMail(db: TenantDb, take: number): Promise<QueuedMail[]> {
  const where = { status: 'queued', nextAttemptAt: { lte: new Date() } }
  return db.mailMessage.findMany({ where, select: fields, orderBy: { nextAttemptAt: 'asc' }, take })
}

/** When the next mail is due, if any waits. */
export async function nextDue(db: TenantDb): Promise<Date | undefined> {
  const next = await db.mailMessage.findFirst({ where: { status: 'queued' }, select: { nextAttemptAt: true }, orderBy: { nextAttemptAt: 'asc' } })
  return next?.nextAttemptAt
}

/** Mails that the server took since midnight, UTC. */
export function sentToday(db: TenantDb): Promise<number> {
  const midnight = new Date()
  midnight.setUTCHours(0, 0, 0, 0)
  return db.mailMessage.count({ where: { sentAt: { gte: midnight } } })
}

/** What has waited too long: a link that is void by now is dropped; anything else staff may still want to send. */
export async function giveUpOnLate(db: TenantDb): Promise<void> {
  await db.$executeRaw`
    update mail_messages set status = case when challenge_id is null then 'dead' else 'expired' end,
      variables = case when challenge_id is null then variables else '{}' end
    where status = 'queued' and expires_at <= now()`
}

export interface Sent {
  messageRef: string
  providerRef: string | undefined
}

/** The one write between "taken by the server" and "never sent again": a process killed before it sends a second time, so it is one plain statement. */
export async function markSent(db: TenantDb, id: string, { messageRef, providerRef }: Sent): Promise<void> {
  await db.$executeRaw`
    update mail_messages set status = 'sent', sent_at = now(), attempts = attempts + 1, last_error = null, variables = '{}',
      message_ref = ${messageRef}, provider_ref = ${providerRef ?? null}
    where id = ${id}::uuid`
}

/** Ends a mail without having sent it. `dead` keeps what is needed to send it after all. */
export async function markEnded(
  db: TenantDb,
  id: string,
  ending: { status: 'dead' | 'suppressed' | 'expired'; reason?: FailureReason },
): Promise<void> {
  const { status, reason } = ending
  const data = { status, ...(reason ? { lastError: reason, attempts: { increment: 1 } } : {}), ...(status === 'dead' ? {} : { variables: {} }) }
  await db.mailMessage.updateMany({ where: { id }, data })
}

export interface Postponement {
  messageRef: string
  reason: FailureReason
  until: Date
  /** False where the server as a whole was at fault: that is no attempt at this mail. */
  counts: boolean
}

export async function postpone(db: TenantDb, id: string, { messageRef, reason, until, counts }: Postponement): Promise<void> {
  const data = { messageRef, lastError: reason, nextAttemptAt: until, ...(counts ? { attempts: { increment: 1 } } : {}) }
  await db.mailMessage.updateMany({ where: { id }, data })
}
