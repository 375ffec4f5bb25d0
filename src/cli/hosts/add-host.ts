import { addHost } from '../../hosts/add-host.ts'
import { showHost } from '../../hosts/show-host.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import type { Tools } from '../tools.ts'
import { hostText } from './host-text.ts'

export interface AddFlags extends CommonFlags {
  proven?: boolean
  canonical?: boolean
}

export async function addHostTo(tools: Tools, slug: string, host: string, flags: AddFlags): Promise<void> {
  const config = tools.config()
  const { proven = false, canonical = false } = flags
  const row = await tools.withOwner((owner) => addHost(owner, { slug, host, proven, canonical }, config))
  const shown = showHost(row, config.hosts.targets)
  print(flags, shown, () => hostText(shown))
}
