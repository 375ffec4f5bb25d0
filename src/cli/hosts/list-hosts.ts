import { readHosts, readSite } from '../../hosts/read-hosts.ts'
import { showHost } from '../../hosts/show-host.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import type { Tools } from '../tools.ts'
import { hostTable } from './host-text.ts'

export async function listHosts(tools: Tools, slug: string | undefined, flags: CommonFlags): Promise<void> {
  const { targets } = tools.config().hosts
  const rows = await tools.withOwner(async (owner) => {
    if (slug !== undefined) await readSite(owner, slug)
    return readHosts(owner, slug === undefined ? {} : { slug })
  })
  const shown = rows.map((row) => showHost(row, targets))
  print(flags, shown, () => hostTable(shown))
}
