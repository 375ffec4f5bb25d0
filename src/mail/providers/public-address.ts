import { BlockList, isIP } from 'node:net'

/** IPv4 that is not of the public Internet (IANA special-purpose registry, RFC 6890), multicast and reserved ranges included. */
const special4: readonly (readonly [net: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Where clouds tell an instance its credentials.
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** Of the one block of global unicast IPv6, what is not: protocol assignments with Teredo and benchmarking, 6to4, documentation, AS112. */
const special6: readonly (readonly [net: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2001:4:112::', 48],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
]

const refused = new BlockList()
for (const [net, prefix] of special4) {
  refused.addSubnet(net, prefix, 'ipv4')
  // The same hosts, through a translator (NAT64, RFC 6052).
  refused.addSubnet(`64:ff9b::${net}`, 96 + prefix, 'ipv6')
}
for (const [net, prefix] of special6) refused.addSubnet(net, prefix, 'ipv6')

/** For IPv6 what may be is shorter to say: mapped, compatible, local, link-local and multicast addresses all lie outside. */
const unicast6 = new BlockList()
unicast6.addSubnet('2000::', 3, 'ipv6')
unicast6.addSubnet('64:ff9b::', 96, 'ipv6')

/** Whether an address, as a resolver writes it, is one of the public Internet. */
export function isPublicAddress(address: string): boolean {
  const family = address.includes('%') ? 0 : isIP(address)
  if (family === 4) return !refused.check(address, 'ipv4')
  return family === 6 && unicast6.check(address, 'ipv6') && !refused.check(address, 'ipv6')
}
