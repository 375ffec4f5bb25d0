import { emailKey } from '../../security/email-address.ts'
import { MailFailure, type OutgoingMail } from './provider.ts'

const breaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
const headerName = /^[A-Za-z][A-Za-z0-9-]{0,75}$/
const headerValue = /^[\x20-\x7e]{0,900}$/
const messageId = /^<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,200}@[A-Za-z0-9.-]{1,253}>$/

/** Tells mail programs that answer by themselves to be silent (RFC 3834; the second for Exchange, which still sends bounces). */
const automatic = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' }

/**
 * The mail as every provider may take it literally: one plain recipient, a plain sender, no line break in any header. Line breaks in names and subjects
 * become spaces, a Reply-To that is no address is left out; where nothing sensible would be left it throws MailFailure.
 */
export function checkMail(mail: OutgoingMail): OutgoingMail {
  const to = emailKey(mail.to)
  if (!to) throw new MailFailure('recipient-refused')
  const address = emailKey(mail.from.address)
  if (!address) throw new MailFailure('sender-refused')
  const headers = { ...automatic, ...mail.headers }
  const sound = Object.entries(headers).every(([name, value]) => headerName.test(name) && headerValue.test(value))
  if (!sound || !messageId.test(mail.messageId)) throw new MailFailure('message-refused')
  const { replyTo, ...rest } = mail
  const answers = replyTo === undefined ? undefined : emailKey(replyTo)
  return {
    ...rest,
    headers,
    to,
    from: { name: oneLine(mail.from.name), address },
    subject: oneLine(mail.subject),
    ...(answers ? { replyTo: answers } : {}),
  }
}

function oneLine(text: string): string {
  return text.toWellFormed().replace(breaks, ' ').trim()
}
