import type { Sender } from '../account/choose-account.ts'
import type { OutgoingMail } from '../providers/provider.ts'
import type { Draft } from '../templates/render-mail.ts'

export interface MailToCompose extends Draft {
  recipient: string
  sender: Sender
  messageId: string
  intent: string
  dkim?: OutgoingMail['dkim']
}

export interface Composed {
  outgoing: OutgoingMail
  /** Why the site's own words were not used, where they could not be rendered. */
  overrideFailure: string | undefined
}

/** A mail in its words. The provider makes its headers sound. */
export async function composeMail({ recipient, sender, messageId, intent, dkim, ...draft }: MailToCompose): Promise<Composed> {
  // With the first mail: Liquid need not lie in the memory of a process that sends none.
  const { renderMail } = await import('../templates/render-mail.ts')
  const { subject, html, text, overrideFailure } = await renderMail(draft)
  const { logo } = draft.site
  const outgoing: OutgoingMail = {
    messageId,
    intent,
    from: { name: sender.name, address: sender.address },
    ...(sender.replyTo ? { replyTo: sender.replyTo } : {}),
    to: recipient,
    subject,
    text,
    html,
    headers: {},
    ...(logo ? { logo } : {}),
    ...(dkim ? { dkim } : {}),
  }
  return { outgoing, overrideFailure }
}
