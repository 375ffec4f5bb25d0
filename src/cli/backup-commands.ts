import { type Command, InvalidArgumentError } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'
import type { DrillFlags, ListFlags, RestoreFlags } from './backup/flags.ts'
import type { Tools } from './tools.ts'

/** Arguments are there for everybody on that machine to read. */
const urlWords = 'Without a password: that is for PGPASSWORD, or for RESTORE_DATABASE_URL, which is the default'
const unsignedWords = 'where BACKUP_SIGNING_KEY is set: take one that is not signed, because it was made before'

export function addBackupCommands(program: Command, tools: Tools): void {
  const backup = program.command('backup').description('backups of the whole database, in BACKUP_BUCKET or BACKUP_DIR')
  addCommand(backup, { name: 'run', description: 'take one now, and verify it', examples: ['backup run'] }).action(async (flags: CommonFlags) => {
    const { runBackup } = await import('./backup/run-backup.ts')
    await runBackup(tools, flags)
  })
  addCommand(backup, {
    name: 'list',
    description: 'those there are, newest first',
    examples: ['backup list', 'backup list --max-age 26h'],
  })
    .option('--max-age <time>', 'end with 1 where no verified backup is younger than so many hours (26h) or days (2d)', milliseconds)
    .action(async (flags: ListFlags) => {
      const { showBackups } = await import('./backup/show-backups.ts')
      await showBackups(tools, flags)
    })
  addCommand(backup, {
    name: 'verify [name]',
    description: 'read one in full, the newest by default, and compare it with what was written down when it was made',
    examples: ['backup verify', 'backup verify 20261127T031700Z-5f0c91ab'],
  }).action(async (name: string | undefined, flags: CommonFlags) => {
    const { verifyOne } = await import('./backup/verify-one.ts')
    await verifyOne(tools, name, flags)
  })
  addCommand(backup, {
    name: 'restore [name]',
    description: 'restore one, the newest by default, into an empty database; as a whole or not at all',
    examples: [
      'backup restore 20261127T031700Z-5f0c91ab',
      'backup restore 20261127T031700Z-5f0c91ab --to postgresql://postgres@db.example/tenantry_new',
    ],
  })
    .option('--to <url>', `the empty database, best by a superuser. ${urlWords}`)
    .option('--unsigned', unsignedWords)
    .action(async (name: string | undefined, flags: RestoreFlags) => {
      const { restoreOne } = await import('./backup/restore-one.ts')
      await restoreOne(tools, name, flags)
    })
  addCommand(backup, {
    name: 'drill [name]',
    description: 'restore one, the newest by default, beside everything else, and prove that the service works on it',
    examples: ['backup drill', 'backup drill --into postgresql://postgres@localhost:5432/postgres'],
  })
    .option('--into <url>', `a server to make a database on for the time of the drill, by a superuser. ${urlWords}; neither: an embedded one`)
    .option('--unsigned', unsignedWords)
    .action(async (name: string | undefined, flags: DrillFlags) => {
      const { drillOne } = await import('./backup/drill-one.ts')
      await drillOne(tools, name, flags)
    })
}

function milliseconds(text: string): number {
  const [, count, unit] = /^(\d{1,4})([hd])$/.exec(text) ?? []
  if (!count) throw new InvalidArgumentError('A time is a number of hours or days, such as 26h or 2d.')
  return Number(count) * (unit === 'd' ? 24 : 1) * 60 * 60_000
}
