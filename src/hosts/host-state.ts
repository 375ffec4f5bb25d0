/** A host as the database has it. */
export interface HostRow {
  tenantId: string
  site: string
  host: string
  status: 'pending' | 'verified'
  canonical: boolean
  token: string | null
  provenAt: Date | null
  pointedAt: Date | null
  failingSince: Date | null
  failures: number
  checkedAt: Date | null
  finding: string | null
  releasedAt: Date | null
}

/** What a person follows. docs/hosts.md shows this table. */
export const hostStates = {
  pending: { means: 'claimed, not proven; it answers as unknown', next: 'Set the TXT record, then `tenantry host verify <host>`.' },
  proven: { means: 'proven, but it does not lead here yet', next: 'Set the record that leads here. It is served as soon as visitors come.' },
  serving: { means: 'proven, and it leads here', next: 'Nothing. Leave the records as they are.' },
  failing: {
    means: 'served, but the last looks did not find its proof, or found that it leads elsewhere',
    next: 'Set the records again. Without its proof it is released after three days.',
  },
  released: { means: 'given up, because its proof was gone or another site proved it; it answers as unknown', next: 'As for `pending`.' },
} as const

export type HostState = keyof typeof hostStates

/** Found of a host that led here before, these are a failure. */
const leadsAway = new Set(['points-elsewhere', 'points-nowhere', 'points-in-circles'])

/** `judged`: whether the deployment says where hosts are to lead to. Where it does not, all that are proven count as led here. */
export function stateOf(row: Pick<HostRow, 'status' | 'pointedAt' | 'failingSince' | 'finding' | 'releasedAt'>, judged: boolean): HostState {
  if (row.status === 'pending') return row.releasedAt ? 'released' : 'pending'
  if (row.failingSince) return 'failing'
  if (!judged) return 'serving'
  if (!row.pointedAt) return 'proven'
  return leadsAway.has(row.finding ?? '') ? 'failing' : 'serving'
}

/** It is served by an operator's word: no proof was ever found, and so none can be lost. */
export function isAsserted({ status, provenAt }: Pick<HostRow, 'status' | 'provenAt'>): boolean {
  return status === 'verified' && provenAt === null
}
