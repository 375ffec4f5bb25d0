import type { Command } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'
import { confirm } from './confirm.ts'
import { print } from './print.ts'
import { addSiteArchiveCommands } from './site-archive-commands.ts'
import type { Tools } from './tools.ts'

const changes = [
  { verb: 'suspend', status: 'suspended', description: 'answer 403 to everybody; nothing is lost', warning: 'Visitors and members will get 403.' },
  { verb: 'restore', status: 'active', description: 'serve again what was suspended or deleted', warning: undefined },
  {
    verb: 'delete',
    status: 'deleted',
    description: 'answer 404, as if it had never been; rows stay, and restore brings it back',
    warning: 'It will answer 404.',
  },
] as const

export function addSiteCommands(program: Command, tools: Tools): void {
  const { withOwner } = tools
  const sites = program.command('site').description('sites of this hub')
  for (const { verb, status, description, warning } of changes) {
    addCommand(sites, { name: `${verb} <slug>`, description, examples: [`site ${verb} camara-mezochi`], destructive: warning !== undefined }).action(
      async (slug: string, flags: CommonFlags) => {
        if (warning) await confirm(flags, `${slug}: ${warning}`, slug)
        const { setSiteStatus } = await import('../platform/set-site-status.ts')
        const found = await withOwner((owner) => setSiteStatus(owner, slug, status))
        if (!found) throw new Error(`There is no site "${slug}".`)
        print(flags, { slug, status }, () => `${slug} is ${status}`)
      },
    )
  }
  addSiteArchiveCommands(sites, tools)
}
