import type { Command } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'
import { print } from './print.ts'
import type { Tools } from './tools.ts'

export function addMigrateCommand(program: Command, { databaseUrl, inWords }: Tools): void {
  addCommand(program, {
    name: 'migrate',
    description: 'bring the database to the newest migration; from many places at once they take turns',
    examples: ['migrate'],
  }).action(async (flags: CommonFlags) => {
    const { migrate } = await import('../db/migrate.ts')
    const applied = await inWords(() => migrate(databaseUrl()))
    print(flags, { applied }, () => (applied.length > 0 ? `applied ${applied.join(', ')}` : 'the database is up to date'))
  })
}
