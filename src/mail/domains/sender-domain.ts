import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import type { SecretBox, SecretPlace } from '../../security/secret-box.ts'
import { normaliseHost } from '../../tenancy/host-name.ts'
import type { OutgoingMail } from '../providers/provider.ts'
import { Findings, storedFindings } from './dns-check.ts'
import { type SendingAccount, spfPart } from './spf-suggestion.ts'

const DnsRecord = Type.Object(
  {
    purpose: Type.Enum(['dkim', 'spf', 'dmarc'], { type: 'string' }),
    type: Type.Literal('TXT'),
    name: Type.String({ maxLength: 320 }),
    value: Type.String({ maxLength: 1000 }),
    strings: Type.Array(Type.String({ maxLength: 255 }), {
      description: 'The value in parts, for DNS panels that take at most 255 characters at once',
    }),
    advice: Type.String({ maxLength: 300 }),
  },
  { additionalProperties: false },
)
type DnsRecord = Static<typeof DnsRecord>

export const SenderDomain = Type.Object(
  {
    domain: Type.String({ maxLength: 253 }),
    signing: Type.Boolean({ description: 'Whether mails from this domain are signed: once the DKIM record was found with our key' }),
    records: Type.Array(DnsRecord, { description: 'To set in the DNS of the domain' }),
    createdAt: Type.String({ format: 'date-time', maxLength: 30 }),
    checkedAt: Type.Union([Type.String({ format: 'date-time', maxLength: 30 }), Type.Null()]),
    findings: Type.Union([Findings, Type.Null()], { description: 'Of the last check' }),
  },
  { additionalProperties: false },
)
export type SenderDomain = Static<typeof SenderDomain>

export const DomainParams = Type.Object({ domain: Type.String({ minLength: 3, maxLength: 200 }) })

export interface DomainRow {
  domain: string
  selector: string
  publicKey: string
  createdAt: Date
  checkedAt: Date | null
  findings: unknown
}

export const domainFields = { domain: true, selector: true, publicKey: true, createdAt: true, checkedAt: true, findings: true } as const

/** Names that no mail can come from: of one machine or network, and of DNS itself (RFC 6761, RFC 6762, RFC 9476). */
const unfit = /(^|\.)(internal|local|localhost|localdomain|lan|home|corp|intranet|arpa|onion|alt|invalid)$/

/** The one form of a sender's domain, or 400. That the site may use it shows in its DNS: nothing is signed before our key stands there. */
export function readDomain(text: string): string {
  const domain = normaliseHost(text)
  if (domain?.includes('.') && !unfit.test(domain)) return domain
  throw problem('REQUEST_INVALID', { issues: [{ path: '/domain', message: 'must be a domain in the public DNS, such as example.org' }] })
}

export function sealedPrivatePlace(tenantId: string): SecretPlace {
  return { tenantId, field: 'mail_domains.sealed_private' }
}

export function readSendingAccount(db: TenantDb): Promise<SendingAccount | null> {
  return db.mailAccount.findFirst({ select: { provider: true, host: true, senderAddress: true } })
}

export function shapeDomain(row: DomainRow, account: SendingAccount | undefined): SenderDomain {
  const findings = storedFindings(row.findings)
  return {
    domain: row.domain,
    signing: findings?.dkim.state === 'ok',
    records: recordsOf(row, account),
    createdAt: row.createdAt.toISOString(),
    checkedAt: row.checkedAt?.toISOString() ?? null,
    findings: findings ?? null,
  }
}

function recordsOf({ domain, selector, publicKey }: DomainRow, account: SendingAccount | undefined): DnsRecord[] {
  const part = spfPart(account)
  const record = (purpose: DnsRecord['purpose'], name: string, value: string, advice: string): DnsRecord => {
    return { purpose, type: 'TXT', name, value, strings: value.match(/.{1,255}/g) ?? [], advice }
  }
  const dkim = record('dkim', `${selector}._domainkey.${domain}`, `v=DKIM1; k=rsa; p=${publicKey}`, 'Set it exactly as it is.')
  const spfAdvice = `A domain has one SPF record: if there is one already, add "${part}" before its last part instead of making a second.`
  const spf = record('spf', domain, `v=spf1 ${part} ~all`, spfAdvice)
  const dmarcAdvice =
    'The address gets daily reports: make that mailbox, or name another one. Set p=quarantine, later p=reject, once your mails pass.'
  const dmarc = record('dmarc', `_dmarc.${domain}`, `v=DMARC1; p=none; rua=mailto:dmarc@${domain}`, dmarcAdvice)
  // Resend asks for SPF under a name of its own, which its dashboard shows.
  return account?.provider === 'resend' ? [dkim, dmarc] : [dkim, spf, dmarc]
}

/** The key that signs for a sender's address: of its domain or the nearest one above it, and only once its record was found. */
export async function dkimFor(db: TenantDb, secretBox: SecretBox, tenantId: string, senderAddress: string): Promise<OutgoingMail['dkim']> {
  const labels = senderAddress
    .slice(senderAddress.lastIndexOf('@') + 1)
    .toLowerCase()
    .split('.')
  const names = labels.slice(0, -1).map((_label, at) => labels.slice(at).join('.'))
  const rows = await db.mailDomain.findMany({
    where: { domain: { in: names } },
    select: { domain: true, selector: true, sealedPrivate: true, findings: true },
  })
  const ready = rows.filter(({ findings }) => storedFindings(findings)?.dkim.state === 'ok')
  const row = ready.sort((one, other) => other.domain.length - one.domain.length)[0]
  if (!row) return undefined
  const privateKey = secretBox.open(row.sealedPrivate, sealedPrivatePlace(tenantId))
  return { domainName: row.domain, keySelector: row.selector, privateKey }
}
