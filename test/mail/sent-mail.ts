import { newId } from '../../src/security/random-token.ts'
import type { TestDatabase } from '../database.ts'

export interface SentMail {
  recipient: string
  messageRef?: string
  providerRef?: string
}

/** A mail that has left already. */
export async function addSentMail(data: TestDatabase, site: { id: string }, { recipient, messageRef, providerRef }: SentMail): Promise<string> {
  const id = newId()
  await data.owner.query(
    `insert into mail_messages (tenant_id, id, kind, recipient, locale, variables, intent, message_ref, provider_ref, status, expires_at, sent_at)
     values ($1, $2, 'test', $3, 'pt', '{}', $6, $4, $5, 'sent', now() + interval '1 day', now())`,
    [site.id, id, recipient, messageRef ?? null, providerRef ?? null, id],
  )
  return id
}
