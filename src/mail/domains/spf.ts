import { BlockList, isIPv4 } from 'node:net'
import type { DnsLookups } from '../../security/dns/dns-lookup.ts'
import { type Qualifier, readTerms, SpfError, type SpfFault, type Term } from './spf-terms.ts'

/** What a record amounts to. */
export interface SpfWalk {
  /** Why receivers treat it as void, if they do. */
  fault: SpfFault | undefined
  /** What it says of servers that it does not name; undefined says nothing. */
  all: Qualifier | undefined
  /** Of each address asked about: what the first part that fits says. */
  verdicts: (Qualifier | undefined)[]
  /** Domains that it includes or hands over to, at any depth. */
  includes: ReadonlySet<string>
  ptr: boolean
}

export interface SpfQuestion {
  domain: string
  record: string
  /** Servers asked about. */
  addresses: readonly string[]
}

interface State {
  dns: DnsLookups
  addresses: readonly string[]
  lookups: number
  voids: number
  includes: Set<string>
  ptr: boolean
}

type Outcome = Pick<SpfWalk, 'all' | 'verdicts'>

const mostLookups = 10
const mostVoids = 2

export function spfRecords(texts: readonly string[]): string[] {
  return texts.filter((text) => /^v=spf1( |$)/i.test(text))
}

/**
 * check_host of RFC 7208, 4, for several addresses at once and to the end: a receiver stops at the first part that fits, but the limits have to
 * hold for those that none fits. Macros and `exists` are counted, not followed.
 */
export async function walkSpf(dns: DnsLookups, { domain, record, addresses }: SpfQuestion): Promise<SpfWalk> {
  const state: State = { dns, addresses, lookups: 0, voids: 0, includes: new Set(), ptr: false }
  try {
    const outcome = await follow(state, domain, record)
    return { ...outcome, fault: undefined, includes: state.includes, ptr: state.ptr }
  } catch (error) {
    if (!(error instanceof SpfError)) throw error
    return { fault: error.fault, all: undefined, verdicts: addresses.map(() => undefined), includes: state.includes, ptr: state.ptr }
  }
}

async function follow(state: State, domain: string, record: string): Promise<Outcome> {
  const verdicts: Outcome['verdicts'] = state.addresses.map(() => undefined)
  const terms = readTerms(record)
  for (const { qualifier, name, value, prefixes } of terms) {
    if (name === 'redirect') continue
    const fits = await matcher(state, { domain, name, value, prefixes })
    state.addresses.forEach((address, at) => {
      if (verdicts[at] === undefined && fits(address, at)) verdicts[at] = qualifier
    })
    if (name === 'all') return { all: qualifier, verdicts }
  }
  const redirect = terms.find(({ name }) => name === 'redirect')
  if (!redirect) return { all: undefined, verdicts }
  const handed = await enter(state, redirect.value)
  return { all: handed.all, verdicts: verdicts.map((verdict, at) => verdict ?? handed.verdicts[at]) }
}

type Fits = (address: string, at: number) => boolean
const never: Fits = () => false

async function matcher(state: State, { domain, name, value, prefixes }: Omit<Term, 'qualifier'> & { domain: string }): Promise<Fits> {
  if (name === 'all') return () => true
  if (name === 'ip4' || name === 'ip6') return within([value], prefixes)
  if (name === 'include') {
    const { verdicts } = await enter(state, value)
    return (_address, at) => verdicts[at] === '+'
  }
  if (name === 'modifier') return never
  countLookup(state)
  if (name === 'ptr') state.ptr = true
  if (name === 'ptr' || name === 'exists' || value.includes('%')) return never
  const target = value || domain
  return within(name === 'a' ? await known(state, () => state.dns.addresses(target)) : await mailAddresses(state, target), prefixes)
}

/** include and redirect: the other domain's own record. */
async function enter(state: State, domain: string): Promise<Outcome> {
  countLookup(state)
  if (domain.includes('%')) return { all: undefined, verdicts: state.addresses.map(() => undefined) }
  state.includes.add(domain.toLowerCase().replace(/\.$/, ''))
  const [record, ...more] = spfRecords(await known(state, () => state.dns.txt(domain.replace(/\.$/, ''))))
  if (record === undefined || more.length > 0) throw new SpfError('spf-include-broken')
  return follow(state, domain, record)
}

async function mailAddresses(state: State, domain: string): Promise<string[]> {
  const hosts = await known(state, () => state.dns.mailHosts(domain))
  if (hosts.length > 10) throw new SpfError('spf-too-many-lookups')
  return (await Promise.all(hosts.map((host) => state.dns.addresses(host)))).flat()
}

function countLookup(state: State): void {
  if (++state.lookups > mostLookups) throw new SpfError('spf-too-many-lookups')
}

async function known(state: State, ask: () => Promise<string[]>): Promise<string[]> {
  const found = await ask()
  if (found.length === 0 && ++state.voids > mostVoids) throw new SpfError('spf-void-lookups')
  return found
}

function within(networks: readonly string[], [four, six]: readonly [number, number]): Fits {
  const list = new BlockList()
  for (const network of networks) isIPv4(network) ? list.addSubnet(network, four, 'ipv4') : list.addSubnet(network, six, 'ipv6')
  return (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
