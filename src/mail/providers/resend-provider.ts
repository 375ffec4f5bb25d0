import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { checkMail } from './check-mail.ts'
import { type FailureReason, MailFailure, type MailProvider, type OutgoingMail } from './provider.ts'

export interface ResendSettings {
  /** Scheme, host and port of the API. */
  origin: string
  key: string
  /** Milliseconds for a whole exchange. */
  timeout: number
}

interface Answer {
  status: number
  /** The error's name or the mail's id. */
  name: string
  id: string
}

const longestAnswer = 64 * 1024
/** Milliseconds between two mails. */
const pause = 500
const plainKey = /^[\x21-\x7e]{1,256}$/

/** Mail by HTTPS, for where SMTP is blocked. https://resend.com/docs/api-reference */
export function createResendProvider(settings: ResendSettings): MailProvider {
  let free = 0
  // Two requests a second are what an account has as a rule: more would be refused, and taken for a fault of the account.
  const turn = async () => {
    const wait = Math.max(0, free - Date.now())
    free = Date.now() + wait + pause
    await delay(wait)
  }
  return {
    async send(mail) {
      const sound = checkMail(mail)
      await turn()
      const headers = { 'idempotency-key': idempotencyKey(mail.intent), 'content-type': 'application/json' }
      const answer = await ask(settings, '/emails', { method: 'POST', headers, body: JSON.stringify(bodyOf(sound)) })
      // The first try was taken and its answer lost; meanwhile the wording has changed. To send under a new key would be to send twice.
      if (answer.status === 409 && answer.name === 'invalid_idempotent_request') return {}
      if (answer.status !== 200) throw new MailFailure(reasonOf(answer), causeOf(answer))
      return answer.id ? { providerRef: answer.id } : {}
    },
    async verify() {
      const answer = await ask(settings, '/domains', { method: 'GET' })
      // A key that may do nothing but send is the better one.
      if (answer.status === 200 || answer.name === 'restricted_api_key') return
      throw new MailFailure(reasonOf(answer), causeOf(answer))
    },
    close() {},
  }
}

/** Theirs are at most 256 characters, kept for a day. */
function idempotencyKey(intent: string): string {
  return plainKey.test(intent) ? intent : createHash('sha256').update(intent).digest('hex')
}

function bodyOf({ from, to, replyTo, subject, html, text, headers, logo }: OutgoingMail) {
  const name = from.name.replace(/["\\]/g, '')
  return {
    from: name ? `"${name}" <${from.address}>` : from.address,
    to: [to],
    subject,
    html,
    text,
    ...(replyTo ? { reply_to: replyTo } : {}),
    headers,
    ...(logo
      ? { attachments: [{ filename: 'logo.png', content: Buffer.from(logo).toString('base64'), content_type: 'image/png', content_id: 'logo' }] }
      : {}),
  }
}

function reasonOf({ status, name }: Answer): FailureReason {
  if (status === 401) return 'sign-in-refused'
  // 403 is a bad key, or a domain that they have not verified.
  if (status === 403) return name === 'validation_error' || name === 'invalid_from_address' ? 'sender-refused' : 'sign-in-refused'
  if (status === 429) return 'rate-limited'
  if (status === 409 || status === 408 || status >= 500) return 'try-later'
  if (status === 400 || status === 413 || status === 422) return 'message-refused'
  return 'unreachable'
}

function causeOf({ status, name }: Answer): Error {
  return new Error(`the API answered ${status} ${name}`)
}

async function ask({ origin, key, timeout }: ResendSettings, path: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(new URL(path, origin), {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${key}`, 'user-agent': 'tenantry', accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    })
    return { status: response.status, ...read(await textOf(response)) }
  } catch (error) {
    throw new MailFailure(error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'unreachable', error)
  }
}

/** As much of it as is worth reading: what is longer is none of theirs. */
async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > longestAnswer) return ''
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function read(text: string): { name: string; id: string } {
  try {
    const { name, id }: { name?: unknown; id?: unknown } = Object(JSON.parse(text))
    return { name: word(name), id: word(id) }
  } catch {
    return { name: '', id: '' }
  }
}

function word(value: unknown): string {
  return typeof value === 'string' && /^[\w-]{1,100}$/.test(value) ? value : ''
}
