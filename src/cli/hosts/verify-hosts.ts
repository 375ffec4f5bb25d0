import { readHosts } from '../../hosts/read-hosts.ts'
import { type ShownHost, showHost } from '../../hosts/show-host.ts'
import { verifyHost } from '../../hosts/verify-host.ts'
import { createDns } from '../../security/dns/dns-lookup.ts'
import { normaliseHost } from '../../tenancy/host-name.ts'
import type { CommonFlags } from '../add-command.ts'
import { createProgress, print } from '../print.ts'
import type { Tools } from '../tools.ts'
import { hostText } from './host-text.ts'

/** A name with a dot is a host, one without a site. Ends with 1 where something is left to do. */
export async function verifyHosts(tools: Tools, name: string, flags: CommonFlags): Promise<void> {
  const { dns, hosts } = tools.config()
  const lookups = createDns(dns)
  const progress = createProgress()
  const shown = await tools.withOwner(async (owner) => {
    const claims = await readHosts(owner, name.includes('.') ? { host: normaliseHost(name) ?? name } : { slug: name })
    if (claims.length === 0) throw new Error(`There is no host of a site, and no site with hosts, that is called "${name}".`)
    const verified: ShownHost[] = []
    // One after the other: of two claims of one host the older has its turn first.
    for (const claim of claims) {
      if (claims.length > 1) progress(`${verified.length} of ${claims.length} looked at`)
      const { row, check } = await verifyHost(owner, claim, { dns: lookups, targets: hosts.targets })
      verified.push(showHost(row, hosts.targets, check))
    }
    return verified
  })
  print(flags, shown, () => shown.map(hostText).join('\n\n'))
  if (shown.some((host) => host.state !== 'serving' && !(host.state === 'proven' && host.asserted))) process.exitCode = 1
}
