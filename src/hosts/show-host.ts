import type { HostCheck } from './check-host.ts'
import { type HostFinding, hostFindings, isHostFinding } from './host-findings.ts'
import { type HostRecord, recordsOf } from './host-records.ts'
import { type HostRow, type HostState, hostStates, isAsserted, stateOf } from './host-state.ts'

/** A host as people and programs are told of it. */
export interface ShownHost {
  site: string
  host: string
  state: HostState
  canonical: boolean
  /** By an operator's word, not by its DNS. */
  asserted: boolean
  records: HostRecord[]
  /** What the last look found; `found` what stands there instead. */
  finding: { key: HostFinding; says: string; found: string[] } | null
  next: string
  provenAt: string | null
  checkedAt: string | null
  failingSince: string | null
  releasedAt: string | null
}

export function showHost(row: HostRow, targets: readonly string[], check?: Pick<HostCheck, 'finding' | 'found'>): ShownHost {
  const state = stateOf(row, targets.length > 0)
  const key = check?.finding ?? row.finding
  return {
    site: row.site,
    host: row.host,
    state,
    canonical: row.canonical,
    asserted: isAsserted(row),
    records: recordsOf(row, targets),
    finding: isHostFinding(key) ? { key, says: hostFindings[key], found: check?.found ?? [] } : null,
    next: hostStates[state].next.replaceAll('<host>', row.host),
    provenAt: row.provenAt?.toISOString() ?? null,
    checkedAt: row.checkedAt?.toISOString() ?? null,
    failingSince: row.failingSince?.toISOString() ?? null,
    releasedAt: row.releasedAt?.toISOString() ?? null,
  }
}
