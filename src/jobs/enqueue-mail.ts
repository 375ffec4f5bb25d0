import type { TenantDb } from '../db/client.ts'
import { emailKey } from '../security/email-address.ts'
import { newId } from '../security/random-token.ts'
import type { Language } from '../tenancy/language.ts'
import type { MailKind, MailVariables } from './mail-kinds.ts'

export interface MailIntent<Kind extends MailKind> {
  tenantId: string
  kind: Kind
  /** One address. Display names, lists, comments and quotes are refused: TypeError. */
  to: string
  language: Language
  variables: MailVariables<Kind>
  /** Names the wish: a second one of the same name is not sent. Default: one that is never the same. */
  intent?: string
  /** For kinds with a secret: whose link and code the worker mints. */
  challengeId?: string
  /** When it is not worth sending any more. Default: three days from now. */
  expiresAt?: Date
}

const patience = 3 * 24 * 60 * 60_000

/**
 * Writes the mail into the outbox. Called with the flow's own transaction, it is sent if that commits, and only then: a trigger adds the job in the
 * same transaction. Let it be the transaction's last statement, because it takes turns with other mails of the same site.
 */
export async function enqueueMail<Kind extends MailKind>(db: Pick<TenantDb, 'mailMessage'>, mail: MailIntent<Kind>): Promise<string> {
  const recipient = emailKey(mail.to)
  if (!recipient) throw new TypeError('the recipient is no plain e-mail address')
  const id = newId()
  const { tenantId, kind, language: locale, variables, challengeId = null, intent = id } = mail
  const expiresAt = mail.expiresAt ?? new Date(Date.now() + patience)
  const row = { tenantId, id, kind, recipient, locale, variables, challengeId, intent, expiresAt }
  await db.mailMessage.createMany({ data: [row], skipDuplicates: true })
  return id
}
