import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { BlockList, isIP } from 'node:net'

/** Where an address is: the country's ISO 3166 code, this machine or a network without addresses of its own, or not known. */
export type Place = string & {}
export const localPlace = 'local'
export const unknownPlace = 'unknown'

const local = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  local.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  local.addSubnet(network, prefix, 'ipv6')

type CountryReader = (address: string) => string | undefined
let reader: Promise<CountryReader> | undefined

/**
 * From a table of who registered which block of addresses (CC0), without asking anybody. Its 8 MB are read when somebody first needs them, and stay.
 */
export async function placeOf(address: string): Promise<Place> {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address.split('%')[0] ?? ''
  const version = isIP(plain)
  if (version === 0) return unknownPlace
  if (local.check(plain, version === 4 ? 'ipv4' : 'ipv6')) return localPlace
  reader ??= openTable()
  return (await reader)(plain) ?? unknownPlace
}

async function openTable(): Promise<CountryReader> {
  const { Reader } = await import('mmdb-lib')
  const path = createRequire(import.meta.url).resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb')
  const table = new Reader(await readFile(path))
  return (address) => codeOf(table.get(address))
}

/** The table's records are `{ country_code }`, unlike those that the reader has types for. */
function codeOf(record: unknown): string | undefined {
  const code = typeof record === 'object' && record !== null && 'country_code' in record ? record.country_code : undefined
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : undefined
}
