import type { Database } from '../db/client.ts'

/** What a pass over all hosts did not see. */
export interface LostProofs {
  hosts: number
  /** Sites that had all their proofs before, and how many of those lost one. Sites, since one may lose all its hosts with its domain. */
  sites: number
  lostSites: number
}

/** That of so many sites more than half lose a proof overnight is a fault of the name server we ask. */
const fewToDoubt = 5

/** Proven hosts that were not looked at with success since then: a pass writes down nothing else before it is over. */
export async function readLost({ directory }: Database, began: string): Promise<LostProofs> {
  const [lost] = await directory.$queryRaw<LostProofs[]>`
    select count(*) filter (where lost)::int as hosts, count(distinct tenant_id) filter (where sound)::int as sites,
      count(distinct tenant_id) filter (where sound and lost)::int as "lostSites"
    from hosts h join tenants t on t.id = h.tenant_id,
      lateral (select h.failures = 0 as sound, h.checked_at is null or h.checked_at < ${began}::timestamptz as lost) as one
    where h.status = 'verified' and h.proven_at is not null and t.status <> 'deleted'`
  return lost ?? { hosts: 0, sites: 0, lostSites: 0 }
}

/**
 * DNS servers that lie to us lie about everybody, and those that we cannot reach are silent about everybody. What they say then counts for nobody.
 * `answered`: of how many proven hosts the DNS said anything at all; where it said nothing, that may be us however few sites there are.
 */
export function isDoubtful({ sites, lostSites }: LostProofs, answered: number): boolean {
  return answered === 0 || (sites >= fewToDoubt && lostSites > sites / 2)
}
