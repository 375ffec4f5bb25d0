/** One mail, ready to go to one recipient. */
export interface OutgoingMail {
  /** Message-ID with its angle brackets; the same at every attempt. */
  messageId: string
  /** The same for the same wish; a provider that knows idempotency keys gets it. */
  intent: string
  /** Display names hold no line breaks (checked by whoever builds the mail). */
  from: { name: string; address: string }
  replyTo?: string
  to: string
  subject: string
  text: string
  html: string
  /** PNG that the html refers to as `cid:logo`. */
  logo?: Uint8Array
  headers: Record<string, string>
  /** Signs for the sender's domain (RFC 6376), where its record is published. */
  dkim?: { domainName: string; keySelector: string; privateKey: string }
}

export interface Accepted {
  /** The provider's own name for the mail, where it gives one. */
  providerRef?: string
}

/** A way out for mail: an SMTP server or an HTTP provider. Every failure is a MailFailure. */
export interface MailProvider {
  send(mail: OutgoingMail): Promise<Accepted>
  /** Connects and signs in, and sends nothing. */
  verify(): Promise<void>
  close(): void
}

/**
 * All that is ever told or kept about a failure: remote servers write what they like into theirs.
 * `account`: the server or the sign-in is at fault, so every other mail would fail too. `permanent`: trying again would not help.
 */
export const failureReasons = {
  'host-refused': { account: true, permanent: true, says: 'This host is not allowed: it is private, unknown or no mail server.' },
  unreachable: { account: true, permanent: false, says: 'The server does not answer.' },
  timeout: { account: true, permanent: false, says: 'The server answers too slowly.' },
  'tls-failed': {
    account: true,
    permanent: false,
    says: 'No secure connection could be made: the certificate or the kind of security does not fit.',
  },
  'sign-in-refused': { account: true, permanent: false, says: 'The server did not take the user name and password.' },
  'sender-refused': { account: true, permanent: false, says: "The server does not send for this sender's address." },
  'rate-limited': { account: true, permanent: false, says: 'The server wants fewer mails for now.' },
  'recipient-refused': { account: false, permanent: true, says: "The server does not take the recipient's address." },
  'message-refused': { account: false, permanent: true, says: 'The server does not take this mail.' },
  'try-later': { account: false, permanent: false, says: 'The server asks to try again later.' },
  interrupted: { account: false, permanent: false, says: 'The connection broke off before the server had confirmed.' },
} as const satisfies Record<string, { account: boolean; permanent: boolean; says: string }>

export type FailureReason = keyof typeof failureReasons

export class MailFailure extends Error {
  override name = 'MailFailure'
  readonly reason: FailureReason
  /** `cause` is for the operators' log at debug level, never for a tenant. */
  constructor(reason: FailureReason, cause?: unknown) {
    super(failureReasons[reason].says, { cause })
    this.reason = reason
  }
}
