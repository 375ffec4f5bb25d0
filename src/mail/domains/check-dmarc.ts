import type { DnsLookups } from '../../security/dns/dns-lookup.ts'
import { type Finding, finding, type NoteKey } from './dns-advice.ts'
import { readTags } from './tag-list.ts'

const policies = new Set(['none', 'quarantine', 'reject'])

/**
 * The policy record of RFC 7489, of the domain or the nearest one above it. Which of those is the organisation's would take the public suffix
 * list; a suffix that publishes a policy for all its domains is taken for theirs here.
 */
export async function checkDmarc(dns: DnsLookups, domain: string): Promise<Finding> {
  const labels = domain.split('.')
  for (let at = 0; at <= labels.length - 2; at++) {
    const records = (await dns.txt(`_dmarc.${labels.slice(at).join('.')}`)).filter((text) => /^v\s*=\s*DMARC1/i.test(text))
    if (records.length > 1) return finding('dmarc-several', { found: records.join(' | ') })
    if (records[0] !== undefined) return judge(records[0], at > 0)
  }
  return finding('dmarc-missing')
}

function judge(found: string, inherited: boolean): Finding {
  const tags = readTags(found)
  const policy = tags?.get('p')?.toLowerCase() ?? ''
  if (!tags || [...tags.keys()][0] !== 'v' || tags.get('v') !== 'DMARC1' || !policies.has(policy)) return finding('dmarc-invalid', { found })
  const effective = (inherited ? tags.get('sp')?.toLowerCase() : undefined) ?? policy
  const notes: NoteKey[] = []
  if (inherited) notes.push('dmarc-inherited')
  if (!/mailto:/i.test(tags.get('rua') ?? '')) notes.push('dmarc-no-reports')
  if ([tags.get('adkim'), tags.get('aspf')].some((mode) => mode?.toLowerCase() === 's')) notes.push('dmarc-strict')
  return finding(effective === 'none' ? 'dmarc-watching' : 'dmarc-ok', { found, notes })
}
