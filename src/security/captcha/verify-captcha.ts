import { type CaptchaProvider, type CaptchaSettings, captchaDefinitions } from './captcha-provider.ts'

/** What the provider says of a token. A provider takes each token once: a second time it is refused there. */
export type CaptchaVerdict =
  | { outcome: 'solved'; hostname: string }
  | { outcome: 'refused' }
  /** Nothing can be said: it does not answer, answers rubbish, or does not know the site's secret. */
  | { outcome: 'unavailable'; cause: Error }

export interface CaptchaTry {
  token: string
  remoteIp: string
}

export interface CaptchaVerifier {
  verify(settings: CaptchaSettings, tried: CaptchaTry): Promise<CaptchaVerdict>
}

export interface CaptchaVerifierOptions {
  /** Instead of the providers' own addresses. */
  endpoints?: Partial<Record<CaptchaProvider, string>>
  /** Milliseconds for a whole exchange. */
  timeout?: number
}

const longestAnswer = 16 * 1024
/** Said of our request, not of the visitor's token. */
const ourFaults = new Set([
  'missing-input-secret',
  'invalid-input-secret',
  'sitekey-secret-mismatch',
  'invalid-sitekey',
  'not-using-dummy-secret',
  'bad-request',
  'internal-error',
])

export function createCaptchaVerifier({ endpoints = {}, timeout = 5_000 }: CaptchaVerifierOptions = {}): CaptchaVerifier {
  return {
    async verify({ provider, siteKey, secret }, { token, remoteIp }) {
      if (provider === 'none') throw new TypeError('without a provider there is nobody to ask')
      const form = new URLSearchParams({ secret, response: token, remoteip: remoteIp })
      // hCaptcha then takes tokens of this site key alone; with Turnstile a secret belongs to one key anyway.
      if (provider === 'hcaptcha') form.set('sitekey', siteKey)
      const url = endpoints[provider] ?? captchaDefinitions[provider].verifyUrl
      return ask(url, form, timeout).then(read, (cause) => unavailable('the captcha provider does not answer', cause))
    },
  }
}

async function ask(url: string, form: URLSearchParams, timeout: number): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    body: form,
    headers: { accept: 'application/json', 'user-agent': 'tenantry' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeout),
  })
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > longestAnswer) throw new Error('the answer is too long')
    parts.push(part)
  }
  if (response.status >= 500) throw new Error(`the answer is ${response.status}`)
  return Buffer.concat(parts).toString('utf8')
}

function read(text: string): CaptchaVerdict {
  const { success, hostname, 'error-codes': codes }: Record<string, unknown> = Object(parse(text))
  if (success === true) return { outcome: 'solved', hostname: typeof hostname === 'string' ? hostname.toLowerCase() : '' }
  if (success !== false) return unavailable('the captcha provider answers in a form of its own')
  const fault = Array.isArray(codes) ? codes.find((code) => ourFaults.has(code)) : undefined
  return fault === undefined ? { outcome: 'refused' } : unavailable(`the captcha provider answers ${fault}`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unavailable(message: string, cause?: unknown): CaptchaVerdict {
  return { outcome: 'unavailable', cause: new Error(message, { cause }) }
}
