import { type FailureReason, MailFailure } from './provider.ts'

/** What nodemailer hangs on its errors. */
interface Clues {
  code: string
  /** The system's or TLS's own code, where nodemailer put its own over it. */
  originalCode: string
  /** The command that was answered. */
  command: string
  responseCode: number
}

/** Sign-in is missing, was refused, or is not enough (RFC 4954). */
const signInCodes = new Set([530, 534, 535, 538])
/** Message too large (RFC 1870). */
const tooLarge = 552
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])
const network = new Set([...brokenOff, 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'EACCES', 'EPERM'])

export interface Progress {
  /** Whether the server had let us in and was being told of the mail, so that nobody knows what became of it. */
  begun: boolean
  /** Whether it had been sent to its end. */
  whole: boolean
}

export function smtpFailure(error: unknown, progress: Progress = { begun: false, whole: false }): MailFailure {
  return error instanceof MailFailure ? error : new MailFailure(reasonOf(clues(error), progress), error)
}

function reasonOf(found: Clues, { begun, whole }: Progress): FailureReason {
  const { code, originalCode, responseCode } = found
  if (responseCode >= 400) return reasonOfReply(found)
  if (code === 'EAUTH') return 'sign-in-refused'
  // EABORT: our own deadline for the whole of it. A server that has all of a mail may have taken it, and may be slow because of that very
  // mail: as a fault of the server it would be sent again and again without ever counting.
  if (code === 'ETIMEDOUT' || code === 'EABORT' || originalCode === 'ETIMEDOUT') return whole ? 'interrupted' : 'timeout'
  if (code === 'ETLS') return 'tls-failed'
  if (code === 'ESOCKET' && originalCode && !network.has(originalCode)) return 'tls-failed'
  if (code === 'EMESSAGE' || code === 'EENVELOPE' || code === 'ESTREAM') return 'message-refused'
  return begun && (!originalCode || brokenOff.has(originalCode)) ? 'interrupted' : 'unreachable'
}

/** A refusal before a recipient is named would meet every other mail too. */
function reasonOfReply({ code, command, responseCode }: Clues): FailureReason {
  const lasting = responseCode >= 500
  if (lasting && (signInCodes.has(responseCode) || code === 'EAUTH')) return 'sign-in-refused'
  if (code === 'ETLS') return 'tls-failed'
  if (command === 'MAIL FROM') return !lasting ? 'rate-limited' : responseCode === tooLarge ? 'message-refused' : 'sender-refused'
  if (command === 'RCPT TO') return lasting ? 'recipient-refused' : 'try-later'
  // 421 in the midst of a mail, where commands were sent ahead of their answers (RFC 2920).
  if (code === 'ECONNECTION' && command === 'CONN') return 'try-later'
  if (command === 'DATA') return lasting ? 'message-refused' : 'try-later'
  return lasting ? 'unreachable' : 'rate-limited'
}

function clues(error: unknown): Clues {
  const fields: { code?: unknown; originalCode?: unknown; command?: unknown; responseCode?: unknown } = Object(error)
  const code = String(fields.code ?? '')
  return {
    code,
    originalCode: String(fields.originalCode ?? (network.has(code) ? code : '')),
    command: String(fields.command ?? ''),
    responseCode: Number(fields.responseCode ?? 0),
  }
}
