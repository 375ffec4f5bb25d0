import type { TenantDb } from '../../db/client.ts'
import { suppress } from '../suppressions/suppression.ts'

export interface ReportedFailure {
  reason: 'bounce' | 'complaint'
  recipient: string
  /** Names the mail: its Message-ID, or the provider's name for it. */
  mail: { messageRef: string } | { providerRef: string }
  /** Enhanced status code or the provider's word for it. */
  detail: string
  /** Whether it speaks against every later mail, too. */
  suppresses: boolean
}

/**
 * Believes a report only about a mail that this site sent to that recipient: nobody else knows its Message-ID. Answers whether it did. The same
 * report twice does the same once.
 */
export async function recordFailure(db: TenantDb, tenantId: string, failure: ReportedFailure): Promise<boolean> {
  const { reason, recipient, mail, detail, suppresses } = failure
  const message = await db.mailMessage.findFirst({ where: { ...mail, recipient }, select: { id: true } })
  if (!message) return false
  if (suppresses) await suppress(db, { tenantId, emailKey: recipient, reason, detail })
  const lastError = reason === 'complaint' ? 'complained' : detail ? `bounced (${detail})` : 'bounced'
  await db.mailMessage.updateMany({ where: { id: message.id }, data: { lastError } })
  return true
}
