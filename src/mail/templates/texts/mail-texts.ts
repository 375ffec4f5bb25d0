import type { MailKind, mailKinds } from '../../../jobs/mail-kinds.ts'

/** Both are Liquid; write-text.ts says what it may hold, and what becomes of it. */
export interface MailText {
  subject: string
  body: string
}

type KindWithPage = { [Kind in MailKind]: (typeof mailKinds)[Kind] extends { page: string } ? Kind : never }[MailKind]

/** All that a mail says in one language. */
export interface MailTexts {
  mails: Record<MailKind, MailText>
  /** What stands on the button of a kind that leads to a page. */
  buttons: Record<KindWithPage, string>
  /** Stands above the address itself, for those who see no button. */
  withoutButton: string
  /** For previews, by the name of the variable. */
  samples: Record<string, string>
}

export function paragraphs(...texts: string[]): string {
  return texts.join('\n\n')
}
