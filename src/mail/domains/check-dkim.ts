import type { DnsLookups } from '../../security/dns/dns-lookup.ts'
import { type Finding, finding } from './dns-advice.ts'
import { readTags } from './tag-list.ts'

export interface DkimKey {
  domain: string
  selector: string
  publicKey: string
}

/** The key record of RFC 6376, 3.6.1. */
export async function checkDkim(dns: DnsLookups, { domain, selector, publicKey }: DkimKey): Promise<Finding> {
  const name = `${selector}._domainkey.${domain}`
  const records = await dns.txt(name)
  if (records.length > 1) return finding('dkim-several', { found: records.join(' | ') })
  const [found] = records
  if (found !== undefined) return finding(judge(found, publicKey), { found })
  // The commonest mistake: panels that append the domain to what is entered.
  const doubled = await dns.txt(`${name}.${domain}`)
  return doubled.length > 0 ? finding('dkim-name-doubled', { found: doubled.join(' | ') }) : finding('dkim-missing')
}

function judge(record: string, publicKey: string) {
  const tags = readTags(record)
  const key = tags?.get('p')?.replace(/\s/g, '')
  if (!tags || key === undefined) return 'dkim-invalid'
  const names = [...tags.keys()]
  // v= is optional, but where it is it comes first.
  if (tags.has('v') && (names[0] !== 'v' || tags.get('v') !== 'DKIM1')) return 'dkim-invalid'
  if (!allows(tags, 'k', 'rsa') || !allows(tags, 'h', 'sha256') || !(allows(tags, 's', 'email') || allows(tags, 's', '*'))) return 'dkim-invalid'
  if (key === '') return 'dkim-revoked'
  return key === publicKey ? 'dkim-ok' : 'dkim-other-key'
}

/** Left out, these tags allow everything that we do. */
function allows(tags: ReadonlyMap<string, string>, tag: string, value: string): boolean {
  const list = tags.get(tag)
  return list === undefined || list.split(':').some((entry) => entry.trim().toLowerCase() === value)
}
