import { type FailureReason, failureReasons, type MailFailure } from '../../mail/providers/provider.ts'

/** How far the conversation with the server had come. */
const stages: Record<FailureReason, string> = {
  'host-refused': 'before connecting',
  unreachable: 'at connecting',
  timeout: 'while waiting for an answer',
  'tls-failed': 'at securing the connection',
  'sign-in-refused': 'at the sign-in',
  'sender-refused': 'at naming the sender',
  'rate-limited': 'at the limits of the server',
  'recipient-refused': 'at naming the recipient',
  'message-refused': 'at handing the mail over',
  'try-later': 'at the server, for now',
  interrupted: 'half-way, and nobody knows whether the mail was taken',
}

/** What failed, and what the server said: an operator may read that, in one line without anything that moves a terminal. */
export function failureWords({ reason, cause }: Pick<MailFailure, 'reason' | 'cause'>): string {
  const said =
    cause instanceof Error
      ? cause.message
          .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
          .slice(0, 200)
          .trim()
      : ''
  return `It failed ${stages[reason]}. ${failureReasons[reason].says}${said ? ` (${said})` : ''}`
}
