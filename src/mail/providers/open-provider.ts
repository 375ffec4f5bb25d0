import { MailFailure, type MailProvider } from './provider.ts'
import { createResendProvider } from './resend-provider.ts'
import type { SmtpTimeouts } from './smtp-provider.ts'
import { type Lookup, vetHost } from './vet-host.ts'

/** How to reach a provider, its secret in clear: made for the moment, never kept or logged. */
export interface ProviderSettings {
  provider: 'smtp' | 'resend'
  host: string
  port: number
  security: 'tls' | 'starttls' | 'none'
  username: string
  secret: string
}

export interface ProviderOpener {
  /**
   * Vets the host anew at each call; every connection of the provider goes to the addresses found then. Throws MailFailure. `connections`: how many
   * mails at once. Close it when done.
   */
  open(settings: ProviderSettings, options?: { connections?: number }): Promise<MailProvider>
}

export interface OpenerOptions {
  /** `host` or `host:port`, in lower case. */
  privateHosts: readonly string[]
  lookup?: Lookup | undefined
  resendOrigin?: string | undefined
  timeouts?: Partial<SmtpTimeouts> | undefined
}

const usual: SmtpTimeouts = { connection: 5_000, greeting: 5_000, socket: 15_000, whole: 30_000 }

export function createProviderOpener({
  privateHosts,
  lookup,
  resendOrigin = 'https://api.resend.com',
  timeouts = {},
}: OpenerOptions): ProviderOpener {
  const times = { ...usual, ...timeouts }
  return {
    async open({ provider, host, port, security, username, secret }, { connections = 1 } = {}) {
      if (provider === 'resend') return createResendProvider({ origin: resendOrigin, key: secret, timeout: times.socket })
      const vetted = await vetHost(host, port, { privateHosts, lookup, timeout: times.connection })
      // Passwords and links would cross the open Internet in clear.
      if (security === 'none' && !vetted.private) throw new MailFailure('tls-failed')
      // nodemailer takes 24 MB: with the first mail.
      const { createSmtpProvider } = await import('./smtp-provider.ts')
      return createSmtpProvider({ host: vetted, port, security, username, secret, connections, timeouts: times })
    },
  }
}
