import { BlockList, isIP, isIPv4 } from 'node:net'
import { type DnsLookups, DnsUnreachable } from '../security/dns/dns-lookup.ts'
import type { HostFinding } from './host-findings.ts'

export interface Pointing {
  /** Null where that was not found out, or nobody wants to know. */
  points: boolean | null
  finding: HostFinding | undefined
  /** Names and addresses that it leads to. */
  found: string[]
}

/** Nobody needs more, and resolvers stop near it too. */
const longestChain = 8

/** Where a host leads: along its aliases to one of our names, or by its addresses, as at the top of a domain, where no alias may be. */
export async function findPointing(dns: DnsLookups, host: string, targets: readonly string[]): Promise<Pointing> {
  if (targets.length === 0) return { points: null, finding: undefined, found: [] }
  try {
    return await follow(dns, host, targets)
  } catch (error) {
    if (!(error instanceof DnsUnreachable)) throw error
    return { points: null, finding: 'points-unreachable', found: [] }
  }
}

async function follow(dns: DnsLookups, host: string, targets: readonly string[]): Promise<Pointing> {
  const chain = [host]
  for (let at = host; ; ) {
    if (targets.some((target) => fits(at, target))) return { points: true, finding: undefined, found: chain.slice(1) }
    const [alias] = await dns.aliases(at)
    if (alias === undefined) break
    if (chain.includes(alias) || chain.length > longestChain)
      return { points: false, finding: 'points-in-circles', found: [...chain.slice(1), alias] }
    chain.push(alias)
    at = alias
  }
  const found = await dns.addresses(chain.at(-1) ?? host)
  return judge(chain.slice(1), found, await ownAddresses(dns, targets))
}

function judge(aliases: string[], addresses: readonly string[], ours: BlockList): Pointing {
  const found = [...aliases, ...addresses]
  if (addresses.length === 0) return { points: false, finding: 'points-nowhere', found }
  const own = addresses.filter((address) => ours.check(address, isIPv4(address) ? 'ipv4' : 'ipv6'))
  if (own.length === 0) return { points: false, finding: 'points-elsewhere', found }
  return { points: true, finding: own.length < addresses.length ? 'points-partly' : undefined, found }
}

/** `*.up.railway.app` stands for one label, as in certificates. */
function fits(name: string, target: string): boolean {
  return target.startsWith('*.') ? name.slice(name.indexOf('.') + 1) === target.slice(2) : name === target
}

/** Also those that our names have now: DNS providers copy them to the top of a domain (ALIAS, flattening). */
async function ownAddresses(dns: DnsLookups, targets: readonly string[]): Promise<BlockList> {
  const names = targets.filter((target) => isIP(target) === 0 && !target.startsWith('*.'))
  const resolved = await Promise.all(names.map((name) => dns.addresses(name)))
  const list = new BlockList()
  for (const address of [...targets.filter((target) => isIP(target) > 0), ...resolved.flat()])
    list.addAddress(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  return list
}
