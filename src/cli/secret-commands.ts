import type { Command } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'
import { print } from './print.ts'
import type { Tools } from './tools.ts'

export function addSecretCommands(program: Command, { withSecrets }: Tools): void {
  const secrets = program.command('secrets').description('secrets at rest')
  addCommand(secrets, {
    name: 'reseal',
    description: 'seal under the first of SECRET_KEYS what an older one sealed, so that the older one can go',
    examples: ['secrets reseal'],
  }).action((flags: CommonFlags) =>
    withSecrets(async (database, box) => {
      const { resealSecrets } = await import('../platform/reseal-secrets.ts')
      const kinds = await resealSecrets(database, box)
      for (const where of kinds.flatMap(({ unopened }) => unopened)) console.error(`  no key opens ${where}`)
      print(flags, kinds, () =>
        kinds
          .map(
            (kind) => `${kind.field}: ${kind.current} under the first key, ${kind.resealed} sealed anew, ${kind.unopened.length} that no key opens`,
          )
          .join('\n'),
      )
      if (kinds.some(({ unopened }) => unopened.length > 0)) process.exitCode = 1
    }),
  )
}
