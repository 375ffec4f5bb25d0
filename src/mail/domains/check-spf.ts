import type { DnsLookups } from '../../security/dns/dns-lookup.ts'
import { type Finding, type FindingKey, finding, type NoteKey } from './dns-advice.ts'
import { type SpfWalk, spfRecords, walkSpf } from './spf.ts'
import { providerSpf, type SendingAccount } from './spf-suggestion.ts'

/** The policy of RFC 7208: one sound record, that ends in no open door, and that seems to allow the site's own mail server. */
export async function checkSpf(dns: DnsLookups, domain: string, account: SendingAccount | undefined): Promise<Finding> {
  const records = spfRecords(await dns.txt(domain))
  const [record] = records
  if (record === undefined) return finding('spf-missing')
  if (records.length > 1) return finding('spf-several', { found: records.join(' | ') })
  const host = account?.provider === 'smtp' ? account.host : undefined
  const addresses = host ? await dns.addresses(host) : []
  const walk = await walkSpf(dns, { domain, record, addresses })
  const notes: NoteKey[] = []
  if (walk.ptr) notes.push('spf-ptr')
  if (account?.provider === 'resend') notes.push('spf-resend')
  return finding(judge(walk, host), { found: record, notes })
}

function judge(walk: SpfWalk, host: string | undefined): FindingKey {
  if (walk.fault) return walk.fault
  if (walk.all === '+') return 'spf-anybody'
  if (host && !covers(walk, host)) return 'spf-not-covered'
  return walk.all === undefined || walk.all === '?' ? 'spf-neutral' : 'spf-ok'
}

/** A large provider sends from other addresses than it takes mail at, so there its own include decides. */
function covers({ includes, verdicts }: SpfWalk, host: string): boolean {
  const provider = providerSpf(host)
  return provider ? includes.has(provider) : verdicts.some((verdict) => verdict === '+')
}
