import { type Dns, type DnsLookups, DnsUnreachable } from '../security/dns/dns-lookup.ts'
import { findPointing } from './find-pointing.ts'
import type { HostFinding } from './host-findings.ts'
import { proofName, proofValue } from './host-records.ts'

export interface HostCheck {
  proof: 'ok' | 'failed' | 'unreachable' | 'unasked'
  points: boolean | null
  /** What matters most of all that was found. */
  finding: HostFinding
  /** What stands there instead, fit to be shown. */
  found: string[]
  /** All that was read at the place of the proof. */
  texts: readonly string[]
}

interface Proof {
  proof: HostCheck['proof']
  finding: HostFinding | undefined
  texts: readonly string[]
}

/** Asks the DNS for the proof of a host and for where it leads. Bounded in time, and never fails: what goes wrong is a finding. */
export async function checkHost(dns: Dns, { host, token }: { host: string; token: string | null }, targets: readonly string[]): Promise<HostCheck> {
  const lookups = dns.open()
  try {
    const [proof, pointing] = await Promise.all([findProof(lookups, host, token), findPointing(lookups, host, targets)])
    const finding = proof.finding ?? pointing.finding ?? 'all-well'
    const found = finding === proof.finding ? proof.texts : pointing.found
    return { proof: proof.proof, points: pointing.points, finding, found: finding === 'all-well' ? [] : shown(found), texts: proof.texts }
  } finally {
    lookups.close()
  }
}

async function findProof(dns: DnsLookups, host: string, token: string | null): Promise<Proof> {
  if (token === null) return { proof: 'unasked', finding: 'proof-unasked', texts: [] }
  const wanted = proofValue(token)
  try {
    const texts = await dns.txt(proofName(host))
    if (texts.some((text) => text.trim() === wanted)) return { proof: 'ok', finding: undefined, texts }
    return { proof: 'failed', finding: texts.length > 0 ? 'proof-other' : await whereElse(dns, host, wanted), texts }
  } catch (error) {
    if (!(error instanceof DnsUnreachable)) throw error
    return { proof: 'unreachable', finding: 'proof-unreachable', texts: [] }
  }
}

/** The commonest mistakes: panels that append the domain to what is entered, and the record at the host itself. */
async function whereElse(dns: DnsLookups, host: string, wanted: string): Promise<HostFinding> {
  const holds = async (name: string) => (await dns.txt(name).catch(() => [])).some((text) => text.trim() === wanted)
  const labels = host.split('.')
  for (let at = Math.max(0, labels.length - 4); at <= labels.length - 2; at++) {
    if (await holds(`${proofName(host)}.${labels.slice(at).join('.')}`)) return 'proof-name-doubled'
  }
  return (await holds(host)) ? 'proof-at-host' : 'proof-missing'
}

/** Whoever owns a domain writes what they like into its records: printable ASCII only, and not all of it. */
function shown(found: readonly string[]): string[] {
  return found.slice(0, 10).map((text) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200))
}
