import { mostPending } from '../../hosts/add-host.ts'
import { claimableHost, type HostRules } from '../../hosts/claimable-host.ts'
import { recordHostEvent } from '../../hosts/host-turn.ts'
import type { HostPolicy } from '../../site-archive/choose-hosts.ts'

/** What `tenantry host add` holds a host to holds for those of an archive. */
export function hostPolicyOf(rules: HostRules): HostPolicy {
  return {
    claimable: (raw, claim) => claimableHost(raw, rules, claim),
    mostClaims: mostPending,
    record: recordHostEvent,
  }
}
