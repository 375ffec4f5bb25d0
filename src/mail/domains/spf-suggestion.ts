/** As far as a domain's records depend on it. */
export interface SendingAccount {
  provider: string
  host: string
  senderAddress: string
}

/** What providers ask their customers to include, by the end of their submission host's name. */
const providers: readonly [host: RegExp, include: string][] = [
  [/(^|\.)(gmail|google)\.com$/, '_spf.google.com'],
  [/(^|\.)(office365|outlook)\.com$/, 'spf.protection.outlook.com'],
  [/(^|\.)zoho\.com$/, 'zohomail.com'],
  [/(^|\.)(brevo|sendinblue)\.com$/, 'spf.brevo.com'],
  [/(^|\.)mailgun\.org$/, 'mailgun.org'],
  [/(^|\.)sendgrid\.net$/, 'sendgrid.net'],
  [/(^|\.)mailjet\.com$/, 'spf.mailjet.com'],
  [/(^|\.)amazonaws\.com$/, 'amazonses.com'],
  [/(^|\.)ovh\.(net|com)$/, 'mx.ovh.com'],
  [/(^|\.)infomaniak\.(com|ch)$/, 'spf.infomaniak.ch'],
  [/(^|\.)gandi\.net$/, '_mailcust.gandi.net'],
  [/(^|\.)migadu\.com$/, 'spf.migadu.com'],
  [/(^|\.)fastmail\.com$/, 'spf.messagingengine.com'],
]

/** The domain whose SPF record speaks for the servers behind a submission host, where we know it. */
export function providerSpf(host: string): string | undefined {
  return providers.find(([pattern]) => pattern.test(host.toLowerCase()))?.[1]
}

/** The part of an SPF record that allows the account's server. */
export function spfPart(account: SendingAccount | undefined): string {
  if (account?.provider !== 'smtp' || !account.host) return 'a mx'
  const provider = providerSpf(account.host)
  return provider ? `include:${provider}` : `a:${account.host}`
}
