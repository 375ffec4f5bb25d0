import type { Command } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'
import type { RotateFlags } from './keys/rotate-keys.ts'
import type { Tools } from './tools.ts'

export function addKeyCommands(program: Command, { withSecrets, withDatabase }: Tools): void {
  const keys = program.command('keys').description("keys that sign the sites' access tokens")
  addCommand(keys, {
    name: 'rotate [slug]',
    description: 'make a new key: published now, it signs after 15 minutes',
    examples: ['keys rotate camara-mezochi', 'keys rotate --all --now'],
    destructive: 'with --all and --now',
  })
    .option('--all', 'at every site')
    .option('--now', 'a key may be known to somebody else: every other key and all access tokens are void at once')
    .option('--unreadable', 'with --now: also keys that no SECRET_KEYS open, because what sealed them is lost')
    .action(async (slug: string | undefined, flags: RotateFlags) => {
      const { rotateKeys } = await import('./keys/rotate-keys.ts')
      await rotateKeys(withSecrets, slug, flags)
    })
  addCommand(keys, { name: 'list <slug>', description: 'the keys of a site, newest first', examples: ['keys list camara-mezochi'] }).action(
    async (slug: string, flags: CommonFlags) => {
      const { listKeys } = await import('./keys/list-keys.ts')
      await withDatabase((database) => listKeys(database, slug, flags))
    },
  )
}
