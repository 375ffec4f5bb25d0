import type { Attachment, Email } from 'postal-mime'

export interface MailSummary {
  id: string
  /** Slug of the site that sent it. */
  site: string
  from: { name: string; address: string }
  to: string
  subject: string
  receivedAt: string
}

export interface Mail extends MailSummary {
  text: string
  /** As it was sent: pictures are still `cid:` references. */
  html: string
  /** In their order, names as they were written. */
  headers: { name: string; value: string }[]
  attachments: readonly Attachment[]
}

/** What a list shows. The body is not looked at. */
export async function summarise(id: string, content: Uint8Array): Promise<MailSummary> {
  const end = Buffer.from(content).indexOf('\r\n\r\n')
  return summaryOf(id, await parse(end === -1 ? content : content.subarray(0, end + 4)))
}

export async function readMail(id: string, content: Uint8Array): Promise<Mail> {
  const email = await parse(content)
  const headers = email.headers.map(({ originalKey: name, value }) => ({ name, value }))
  return { ...summaryOf(id, email), text: email.text ?? '', html: email.html ?? '', headers, attachments: email.attachments }
}

async function parse(content: Uint8Array): Promise<Email> {
  const { default: PostalMime } = await import('postal-mime')
  return PostalMime.parse(content)
}

function summaryOf(id: string, { headers, from, subject = '' }: Email): MailSummary {
  const first = (name: string) => headers.find(({ key }) => key === name)?.value ?? ''
  return {
    id,
    site: first('x-tenantry-site'),
    from: { name: from?.name ?? '', address: from?.address ?? '' },
    to: first('x-tenantry-to'),
    subject,
    receivedAt: timeOf(id).toISOString(),
  }
}

/** The first 48 bits of the id (RFC 9562, 5.7). */
function timeOf(id: string): Date {
  return new Date(Number.parseInt(id.replace('-', '').slice(0, 12), 16))
}
