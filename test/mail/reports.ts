export function crlf(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n`
}

export interface BounceParts {
  messageId?: string
  finalRecipient?: string
  action?: string
  status?: string
  /** Lines after those about the recipient. */
  more?: readonly string[]
  returned?: 'text/rfc822-headers' | 'message/rfc822-headers' | 'message/rfc822' | 'text/plain'
}

/** A delivery status notification as Postfix writes it. */
export function bounce(parts: BounceParts = {}): string {
  const { messageId = '<1@camara.example>', finalRecipient = 'rfc822; ana@nowhere.example', action = 'failed', status = '5.1.1' } = parts
  const { more = [], returned = 'text/rfc822-headers' } = parts
  return crlf([
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.example (Mail Delivery System)',
    'To: info@camara.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    '\tboundary="4F2.1764/mx.example"',
    '',
    'This is a MIME-encapsulated message.',
    '',
    '--4F2.1764/mx.example',
    'Content-Description: Notification',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'The mail system: <ana@nowhere.example>: user unknown',
    '',
    '--4F2.1764/mx.example',
    'Content-Description: Delivery report',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    'Arrival-Date: Tue, 24 Nov 2026 10:00:00 +0000 (GMT)',
    '',
    `Final-Recipient: ${finalRecipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    ...more,
    '',
    '--4F2.1764/mx.example',
    'Content-Description: Undelivered Message',
    `Content-Type: ${returned}`,
    '',
    'From: "Camara" <info@camara.example>',
    'To: ana@nowhere.example',
    'Subject: Ol=?utf-8?q?=C3=A1?=',
    `Message-ID: ${messageId}`,
    ...(returned === 'message/rfc822' ? ['', 'Status: 5.9.9', 'Message-ID: <body@camara.example>'] : []),
    '',
    '--4F2.1764/mx.example--',
  ])
}

export interface ComplaintParts {
  messageId?: string
  type?: string
  rcptTo?: string
  to?: string
}

/** An abuse report in the form of RFC 5965. */
export function complaint({ messageId = '<1@camara.example>', type = 'abuse', rcptTo, to = 'ana@nowhere.example' }: ComplaintParts = {}): string {
  return crlf([
    'From: <abusedesk@mailbox.example>',
    'Subject: FW: your mail',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary="part1"',
    '',
    '--part1',
    'Content-Type: text/plain; charset="US-ASCII"',
    '',
    'This is an email abuse report.',
    '--part1',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${type}`,
    'User-Agent: SomeGenerator/1.0',
    'Version: 1',
    ...(rcptTo === undefined ? [] : [`Original-Rcpt-To: ${rcptTo}`]),
    '',
    '--part1',
    'Content-Type: message/rfc822',
    'Content-Disposition: inline',
    '',
    'From: "Camara" <info@camara.example>',
    `To: ${to}`,
    `Message-ID: ${messageId}`,
    '',
    'Hello',
    '--part1--',
  ])
}
