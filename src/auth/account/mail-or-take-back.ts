import type { TenantDb } from '../../db/client.ts'
import { enqueueMail, type MailIntent } from '../../jobs/enqueue-mail.ts'
import type { MailKind } from '../../jobs/mail-kinds.ts'

/**
 * A mail that is kept only if `wanted`: what nobody is to get costs the same statements, the job of the worker included, so that the time of the
 * answer does not tell whether an address has an account.
 */
export async function mailOrTakeBack<Kind extends MailKind>(
  tx: Pick<TenantDb, 'mailMessage' | '$executeRaw'>,
  mail: MailIntent<Kind>,
  wanted: boolean,
): Promise<void> {
  await tx.$executeRaw`savepoint before_mail`
  await enqueueMail(tx, mail)
  if (wanted) await tx.$executeRaw`release savepoint before_mail`
  else await tx.$executeRaw`rollback to savepoint before_mail`
}
