import type { Manifest } from './manifest.ts'

export interface HostWish {
  /** Proven by the operator, the first is canonical. */
  hosts?: readonly string[]
  /** Believe the archive: what was proven there is proven here. */
  hostsProven?: boolean
}

export interface HostsHere {
  provenElsewhere: ReadonlyMap<string, Holder>
  /** The one form of a host that the site may have, by an operator's word or as a claim. Throws one plain line for all others. */
  claimable(raw: string, asserted: boolean): string
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
  /** Those of the archive that another site has here, or that no site may claim. */
  leftOut: string[]
  refusals: string[]
}

/**
 * A host that was proven at another hub is not proven here: whoever made the archive would otherwise say which sites this hub serves. So it comes
 * as a claim, unless an operator says more.
 */
export function chooseHosts(
  archived: Manifest['hosts'],
  { hosts = [], hostsProven = false }: HostWish,
  { provenElsewhere, claimable }: HostsHere,
): ChosenHosts {
  const refusals: string[] = []
  const mayHave = (raw: string, asserted: boolean, refused: (line: string) => void): string[] => {
    try {
      return [claimable(raw, asserted)]
    } catch (error) {
      refused(error instanceof Error ? error.message : String(error))
      return []
    }
  }
  const given = hosts.flatMap((raw) => mayHave(raw, true, (line) => refusals.push(line)))
  const chosen = new Map<string, ChosenHost>(given.map((host, at) => [host, { host, proven: true, canonical: at === 0 }]))
  const leftOut: string[] = []
  for (const { host, proven, canonical } of archived) {
    if (chosen.has(host)) continue
    const believed = hostsProven && proven
    // A deleted site yields to a proof, so that a claim is worth something.
    if (!believed && provenElsewhere.get(host)?.deleted === false) leftOut.push(host)
    else if (mayHave(host, believed, (line) => (believed ? refusals.push(line) : leftOut.push(host))).length > 0)
      chosen.set(host, { host, proven: believed, canonical: believed && canonical && given.length === 0 })
  }
  for (const { host, proven } of chosen.values()) {
    const holder = proven ? provenElsewhere.get(host) : undefined
    if (holder?.deleted)
      refusals.push(`${host} is kept for the site "${holder.slug}", which is deleted: "tenantry host remove ${holder.slug} ${host}" frees it.`)
    else if (holder)
      refusals.push(`${host} is proven by another site of this hub: remove it there, or leave out --hosts-proven and give another --host.`)
  }
  return { hosts: [...chosen.values()], leftOut, refusals }
}
