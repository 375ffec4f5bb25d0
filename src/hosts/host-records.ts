import { isIP, isIPv4 } from 'node:net'
import type { HostRow } from './host-state.ts'

export interface HostRecord {
  type: 'TXT' | 'CNAME' | 'A' | 'AAAA'
  name: string
  value: string
  /** `proof` has to stay; of those that lead here one kind is enough. */
  for: 'proof' | 'leading here'
}

export const proofLabel = '_tenantry.'

export function proofName(host: string): string {
  return `${proofLabel}${host}`
}

export function proofValue(token: string): string {
  return `tenantry-host=${token}`
}

/** What to enter at the DNS of the domain. */
export function recordsOf({ host, token }: Pick<HostRow, 'host' | 'token'>, targets: readonly string[]): HostRecord[] {
  const leading = targets.map((value): HostRecord => ({ type: typeOf(value), name: host, value, for: 'leading here' }))
  if (token === null) return leading
  return [{ type: 'TXT', name: proofName(host), value: proofValue(token), for: 'proof' }, ...leading]
}

function typeOf(target: string): HostRecord['type'] {
  if (isIP(target) === 0) return 'CNAME'
  return isIPv4(target) ? 'A' : 'AAAA'
}
