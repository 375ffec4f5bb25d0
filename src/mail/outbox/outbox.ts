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

/** What anybody can make a site send by filling a form in. It waits for the mails of accounts, and may use half of a day's mails at most. */
const formKinds = { startsWith: 'contact-' }

export interface Share {
  /** Mails altogether. */
  all: number
  /** Of these, mails of forms. */
  forms: number
}

/** What is due: mails of accounts before those of forms, and among each the one that has waited longest. */
export async function dueMail(db: TenantDb, { all, forms }: Share): Promise<QueuedMail[]> {
  const due = (kind: object, take: number) => {
    const where = { status: 'queued', nextAttemptAt: { lte: new Date() }, ...kind }
    return db.mailMessage.findMany({ where, select: fields, orderBy: { nextAttemptAt: 'asc' }, take })
  }
  const first = await due({ NOT: { kind: formKinds } }, all)
  const room = Math.min(all - first.length, forms)
  return room > 0 ? [...first, ...(await due({ kind: formKinds }, room))] : first
}

/** When the next mail is due, if any waits. */
export async function nextDue(db: TenantDb): Promise<Date | undefined> {
  const next = await db.mailMessage.findFirst({ where: { status: 'queued' }, select: { nextAttemptAt: true }, orderBy: { nextAttemptAt: 'asc' } })
  return next?.nextAttemptAt
}

/** Mails that the server took since midnight, UTC. */
export async function sentToday(db: TenantDb): Promise<Share> {
  const midnight = new Date()
  midnight.setUTCHours(0, 0, 0, 0)
  const sentAt = { gte: midnight }
  const [all, forms] = [await db.mailMessage.count({ where: { sentAt } }), await db.mailMessage.count({ where: { sentAt, kind: formKinds } })]
  return { all, forms }
}

export function isOfForm({ kind }: Pick<QueuedMail, 'kind'>): boolean {
  return kind.startsWith(formKinds.startsWith)
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
