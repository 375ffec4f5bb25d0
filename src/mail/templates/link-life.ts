import type { MailKind } from '../../jobs/mail-kinds.ts'

/** Minutes that the link of a mail is good, and its code. The flow that opens the challenge has the same numbers; a test compares them. */
export const linkLife: Partial<Record<MailKind, number>> = {
  'verify-email': 24 * 60,
  'sign-in': 10,
  'reset-password': 30,
  'email-change-old': 72 * 60,
  'email-change-new': 24 * 60,
  invitation: 72 * 60,
  'keep-account': 14 * 24 * 60,
}
export const codeLife = 10
