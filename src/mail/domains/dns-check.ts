import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type Dns, DnsUnreachable } from '../../security/dns/dns-lookup.ts'
import { checkDkim, type DkimKey } from './check-dkim.ts'
import { checkDmarc } from './check-dmarc.ts'
import { checkSpf } from './check-spf.ts'
import { Finding, type FindingKey, finding } from './dns-advice.ts'
import type { SendingAccount } from './spf-suggestion.ts'

/** What a domain's DNS said when it was asked, and how the mail account fits to it. */
export const Findings = Type.Object({ dkim: Finding, spf: Finding, dmarc: Finding, sender: Finding }, { additionalProperties: false })
export type Findings = Static<typeof Findings>

const compiled = Compile(Findings)

/** Findings as they are stored; undefined for what an earlier version may have left. */
export function storedFindings(stored: unknown): Findings | undefined {
  return compiled.Check(stored) ? stored : undefined
}

/** Asks for the three records at once. */
export async function checkDns(dns: Dns, key: DkimKey, account: SendingAccount | undefined): Promise<Findings> {
  const lookups = dns.open()
  try {
    const [dkim, spf, dmarc] = await Promise.all([
      reached(checkDkim(lookups, key), 'dkim-unreachable'),
      reached(checkSpf(lookups, key.domain, account), 'spf-unreachable'),
      reached(checkDmarc(lookups, key.domain), 'dmarc-unreachable'),
    ])
    return { dkim, spf, dmarc, sender: checkSender(key.domain, account) }
  } finally {
    lookups.close()
  }
}

async function reached(check: Promise<Finding>, otherwise: FindingKey): Promise<Finding> {
  try {
    return await check
  } catch (error) {
    if (error instanceof DnsUnreachable) return finding(otherwise)
    throw error
  }
}

/** SPF and DKIM count for DMARC only where their domain is the sender's (alignment: RFC 7489, 3.1). */
function checkSender(domain: string, account: SendingAccount | undefined): Finding {
  if (!account || account.provider === 'none') return finding('sender-none')
  const found = account.senderAddress.slice(account.senderAddress.lastIndexOf('@') + 1)
  const notes = account.provider === 'resend' ? (['sender-resend'] as const) : []
  if (found === domain) return finding('sender-ok', { found, notes })
  return finding(found.endsWith(`.${domain}`) ? 'sender-subdomain' : 'sender-elsewhere', { found, notes })
}
