import type { Command } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'
import { confirm } from './confirm.ts'
import type { EndFlags } from './members/end-sessions.ts'
import type { InviteFlags } from './members/invite.ts'
import { emailField, nameField } from './sites/site-fields.ts'
import type { Tools } from './tools.ts'

export function addMemberCommands(program: Command, tools: Tools): void {
  const members = program.command('member').description('people of a site')
  addCommand(members, {
    name: 'invite <slug>',
    description: 'invite somebody by mail, for 72 hours; whom it is sent to again has the newest link alone',
    examples: [
      'member invite cecab dona@cecab.example --role owner --name "Dona Maria"',
      'member invite cecab editor@cecab.example --role editor --link',
    ],
  })
    .argument('<email>', 'address', emailField)
    .requiredOption('--role <role>', 'slug of a role of the site, such as owner, admin, editor or member')
    .option('--name <name>', 'what the invited finds filled in as name, and may change', nameField)
    .option('--link', 'no mail, but a link to hand on')
    .action(async (slug: string, email: string, flags: InviteFlags) => {
      const { inviteMember } = await import('./members/invite.ts')
      await inviteMember(tools, slug, email, flags)
    })
  addCommand(members, { name: 'list <slug>', description: 'the members of a site, newest first', examples: ['member list cecab'] }).action(
    async (slug: string, flags: CommonFlags) => {
      const { listMembers } = await import('./members/list.ts')
      await tools.withDatabase((database) => listMembers(database, slug, flags))
    },
  )
  addCommand(members, {
    name: 'end-sessions <slug>',
    description: 'end every session of a member, who may sign in again; every copy of the service heeds it at once',
    examples: ['member end-sessions cecab editor@cecab.example', 'member end-sessions cecab --all'],
    destructive: 'with --all',
  })
    .argument('[email]', 'address', emailField)
    .option('--all', 'of everybody')
    .action(async (slug: string, email: string | undefined, flags: EndFlags) => {
      if ((flags.all ?? false) === (email !== undefined)) throw new Error('Name a member by the address, or give --all.')
      // One member signs in again; a whole site is another matter.
      if (flags.all) await confirm(flags, `${slug}: everybody will be signed out.`, slug)
      const { endSessions } = await import('./members/end-sessions.ts')
      await tools.withDatabase((database) => endSessions(database, { slug, email }, flags))
    })
}
