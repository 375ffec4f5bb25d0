import { type Origin, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'

type Tx = Pick<TenantDb, 'mailMessage' | 'auditEvent'>

const patience = 3 * 24 * 60 * 60_000

/**
 * Has a mail that could not be delivered tried again from the beginning; inside a transaction. False where it is not dead, or where its link has run
 * out: that outlives no second life of its mail.
 */
export async function queueAgain(tx: Tx, origin: Origin, id: string): Promise<boolean> {
  const dead = await tx.mailMessage.findFirst({ where: { id, status: 'dead' }, select: { challenge: { select: { expiresAt: true } } } })
  const expiresAt = dead?.challenge?.expiresAt ?? new Date(Date.now() + patience)
  if (!dead || expiresAt <= new Date()) return false
  const { count } = await tx.mailMessage.updateMany({
    where: { id, status: 'dead' },
    data: { status: 'queued', attempts: 0, nextAttemptAt: new Date(), expiresAt, lastError: null },
  })
  if (count > 0) await recordEvent(tx, origin, { action: 'mail-message.sent-again', target: { kind: 'mail-message', id } })
  return count > 0
}
