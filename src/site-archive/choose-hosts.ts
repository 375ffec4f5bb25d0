import type pg from 'pg'
import type { Manifest } from './manifest.ts'

export interface HostWish {
  /** Proven by the operator, the first is canonical. */
  hosts?: readonly string[]
  /** Believe the archive: what was proven there is proven here. */
  hostsProven?: boolean
}

/** The area of hosts, as far as an import needs it: an archive gives a site no name that it could not be given otherwise. */
export interface HostPolicy {
  /** The one form of a host that a site may have; throws a line for all others. `asserted`: by an operator's word. */
  claimable(raw: string, claim: { slug: string; asserted: boolean }): string
  /** Unproven ones that a site may have at once. */
  mostClaims: number
  /** To the site's audit log. */
  record(owner: pg.Client, event: HostEvent): Promise<void>
}

export interface HostEvent {
  tenantId: string
  action: 'host.added' | 'host.proven' | 'host.became-canonical'
  host: string
  details?: Record<string, boolean>
}

export interface ChosenHost {
  host: string
  proven: boolean
  canonical: boolean
}

/** The site that has a host here. */
export interface Holder {
  slug: string
  deleted: boolean
}

export interface ChosenHosts {
  hosts: ChosenHost[]
  /** Claims of the archive that nobody can make here. */
  leftOut: LeftOut[]
  refusals: string[]
}

export interface LeftOut {
  host: string
  why: string
}

/** Hosts that other tenants have. */
export interface TakenHosts {
  proven: ReadonlyMap<string, Holder>
  /** Of the console, proven or not. */
  console: ReadonlySet<string>
}

/** As the site with this slug sees it. */
type View = Pick<HostPolicy, 'claimable' | 'mostClaims'> & { slug: string; taken: TakenHosts }

export async function readTakenHosts(owner: pg.Client): Promise<TakenHosts> {
  const { rows } = await owner.query<Holder & { host: string; proven: boolean; console: boolean }>(
    `select h.host, h.status = 'verified' as proven, t.kind = 'platform' as console, t.slug, t.status = 'deleted' as deleted
     from hosts h join tenants t on t.id = h.tenant_id where h.status = 'verified' or t.kind = 'platform'`,
  )
  return {
    proven: new Map(rows.filter(({ proven }) => proven).map(({ host, slug, deleted }) => [host, { slug, deleted }])),
    console: new Set(rows.filter((row) => row.console).map(({ host }) => host)),
  }
}

/**
 * A host that was proven at another hub is not proven here: whoever made the archive would otherwise say which sites this hub serves. So it comes
 * as a claim, unless an operator says more. What an operator says and cannot have is refused; a claim that cannot be made is left out.
 */
export function chooseHosts(archived: Manifest['hosts'], { hosts = [], hostsProven = false }: HostWish, view: View): ChosenHosts {
  const chosen = new Map<string, ChosenHost>()
  const refusals: string[] = []
  const leftOut: LeftOut[] = []
  for (const raw of hosts) {
    const { host, why } = judge(raw, true, view)
    if (why === undefined) chosen.set(host, { host, proven: true, canonical: false })
    else refusals.push(why)
  }
  let claims = 0
  for (const one of archived) {
    const proven = hostsProven && one.proven
    const { host, why } = judge(one.host, proven, view)
    if (chosen.has(host)) continue
    if (why !== undefined && proven) refusals.push(`${why} The archive has it: leave out --hosts-proven.`)
    else if (why !== undefined) leftOut.push({ host, why })
    else if (!proven && claims === view.mostClaims)
      leftOut.push({ host, why: `"${host}" would be one more than the ${claims} that may wait for their proof.` })
    else {
      chosen.set(host, { host, proven, canonical: false })
      if (!proven) claims++
    }
  }
  return { hosts: withCanonical([...chosen.values()], archived, hosts.length > 0), leftOut, refusals }
}

function judge(raw: string, proven: boolean, { claimable, slug, taken }: View): { host: string; why?: string } {
  let host = raw
  try {
    host = claimable(raw, { slug, asserted: proven })
  } catch (error) {
    if (error instanceof TypeError || !(error instanceof Error)) throw error
    return { host, why: error.message }
  }
  if (taken.console.has(host)) return { host, why: `"${host}" is a host of the console.` }
  const holder = taken.proven.get(host)
  // A deleted site yields to a proof, so that a claim is worth something.
  if (!holder || (holder.deleted && !proven)) return { host }
  const why = holder.deleted
    ? `"${host}" is kept for the site "${holder.slug}", which is deleted: "tenantry host remove ${holder.slug} ${host}" frees it.`
    : `"${host}" is proven by another site of this hub: it has to be removed there first.`
  return { host, why }
}

/** A site that has a proven host has a canonical one. */
function withCanonical(hosts: ChosenHost[], archived: Manifest['hosts'], given: boolean): ChosenHost[] {
  const proven = hosts.filter((one) => one.proven)
  const before = archived.find(({ canonical }) => canonical)?.host
  const canonical = (given ? undefined : proven.find(({ host }) => host === before)) ?? proven[0]
  return hosts.map((one) => ({ ...one, canonical: one === canonical }))
}
