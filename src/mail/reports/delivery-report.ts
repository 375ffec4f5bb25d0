import type { Attachment } from 'postal-mime'
import { emailKey } from '../../security/email-address.ts'
import { permanentStatus } from './enhanced-status.ts'
import { type Fields, readBlocks, readHeader } from './report-fields.ts'

/** One recipient whom one mail did not reach, or who did not want it. */
export interface DeliveryFailure {
  reason: 'bounce' | 'complaint'
  /** Normalised address. */
  recipient: string
  /** Message-ID of the mail that came back, with its angle brackets. */
  messageId: string
  /** Of a bounce: its enhanced status code. */
  status: string
}

const mostFailures = 50
/** Measured: the parser takes up to 70 µs a line, and 256 KB hold 80,000 empty ones. A mail of ours that came back has some 2,000. */
const mostLines = 6_000
const limits = { maxNestingDepth: 20, maxHeadersSize: 128 * 1024, maxRfc822NestingDepth: 0 }

/**
 * What a mail says about mails that failed: a delivery status notification (RFC 3464) or an abuse report (RFC 5965). Empty for every other mail,
 * and for what is broken: whoever wrote it is not there to be told.
 */
export async function readDeliveryReport(raw: Uint8Array): Promise<DeliveryFailure[]> {
  if (countLines(raw) > mostLines) return []
  // Loaded with the first report.
  const { default: PostalMime } = await import('postal-mime')
  const mail = await PostalMime.parse(raw, { ...limits, forceRfc822Attachments: true, attachmentEncoding: 'utf8' }).catch(() => undefined)
  const kind = mail?.headers.find(({ key }) => key === 'content-type')?.value ?? ''
  if (!mail || !/^multipart\/report\s*(;|$)/i.test(kind.trim())) return []
  const failures: DeliveryFailure[] = []
  let report: Claim[] | undefined
  // Each report is followed by the mail that it is about.
  for (const part of mail.attachments) {
    if (isReport(part)) report = claims(part)
    if (!report || !isReturned(part)) continue
    failures.push(...proven(report, readHeader(textOf(part))))
    report = undefined
  }
  return failures.slice(0, mostFailures)
}

function countLines(raw: Uint8Array): number {
  let lines = 0
  for (let at = raw.indexOf(10); at !== -1; at = raw.indexOf(10, at + 1)) lines++
  return lines
}

interface Claim {
  reason: DeliveryFailure['reason']
  /** Undefined: whomever the returned mail was for. */
  recipient: string | undefined
  status: string
}

const reports = new Set(['message/delivery-status', 'message/global-delivery-status', 'message/feedback-report'])
const returned = new Set(['message/rfc822', 'message/global', 'message/rfc822-headers', 'message/global-headers', 'text/rfc822-headers'])

function isReport({ mimeType }: Attachment): boolean {
  return reports.has(mimeType)
}

function isReturned({ mimeType }: Attachment): boolean {
  return returned.has(mimeType)
}

function textOf({ content }: Attachment): string {
  return typeof content === 'string' ? content : ''
}

function claims(part: Attachment): Claim[] {
  const blocks = readBlocks(textOf(part))
  return part.mimeType === 'message/feedback-report' ? blocks.slice(0, 1).flatMap(readComplaint) : blocks.flatMap(readBounce)
}

/** The fields about one recipient (RFC 3464, 2.3). What is delayed, delivered or relayed has not failed. */
function readBounce(fields: Fields): Claim[] {
  if (fields.get('action')?.toLowerCase() !== 'failed') return []
  const status = permanentStatus(fields.get('status') ?? '')
  if (!status) return []
  // Where the reporting server has nothing better to say than "permanent", the receiving one may have.
  const exact = status === '5.0.0' ? (permanentStatus(fields.get('diagnostic-code') ?? '') ?? status) : status
  return [fields.get('original-recipient'), fields.get('final-recipient')].flatMap((value) => {
    const recipient = readRecipient(value?.slice(value.indexOf(';') + 1))
    return recipient ? [{ reason: 'bounce' as const, recipient, status: exact }] : []
  })
}

function readComplaint(fields: Fields): Claim[] {
  if (fields.get('feedback-type')?.toLowerCase() !== 'abuse') return []
  const named = fields.get('original-rcpt-to')
  return [{ reason: 'complaint', recipient: named === undefined ? undefined : (readRecipient(named) ?? ''), status: '' }]
}

/** Each mail of ours has one recipient. */
function proven(report: readonly Claim[], header: Fields): DeliveryFailure[] {
  const messageId = /<[!-;=?-~]{1,250}>/.exec(header.get('message-id') ?? '')?.[0]
  if (!messageId) return []
  const found = report.flatMap(({ reason, status, recipient = readRecipient(header.get('to')) }) => {
    return recipient ? [{ reason, recipient, messageId, status }] : []
  })
  return found.filter(({ recipient }, at) => found.findIndex((other) => other.recipient === recipient) === at)
}

function readRecipient(text = ''): string | undefined {
  return emailKey((/<([^<>]{1,254})>\s*$/.exec(text)?.[1] ?? text).trim())
}
