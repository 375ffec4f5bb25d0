import { Command } from 'commander'
import { addBackupCommands } from './backup-commands.ts'
import { addCompletionCommand } from './completion-command.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { addHostCommands } from './host-commands.ts'
import { addJobCommands } from './job-commands.ts'
import { addKeyCommands } from './key-commands.ts'
import { addMailCommands } from './mail-commands.ts'
import { addMemberCommands } from './member-commands.ts'
import { addMigrateCommand } from './migrate-command.ts'
import { addOperatorCommands } from './operator-commands.ts'
import { addSecretCommands } from './secret-commands.ts'
import { addSiteCommands } from './site-commands.ts'
import { addStorageCommands } from './storage-commands.ts'
import { createTools } from './tools.ts'

/** How a command ends. A script can tell what it asked for wrongly from what is wrong. */
const exitCodes = `
Ends with 0 when all is well, with 1 when something failed or is not as it should be, with 2 when the command was not understood.`

/** The whole of `tenantry`. A command's work is loaded when it is called, so that asking for help costs nothing. */
export function createProgram(env: NodeJS.ProcessEnv): Command {
  const program = new Command('tenantry')
    .description('Operate a Tenantry deployment')
    .addHelpText('after', exitCodes)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  const tools = createTools(env)
  addMigrateCommand(program, tools)
  addSiteCommands(program, tools)
  addHostCommands(program, tools)
  addMemberCommands(program, tools)
  addOperatorCommands(program, tools)
  addMailCommands(program, tools)
  addJobCommands(program, tools)
  addKeyCommands(program, tools)
  addSecretCommands(program, tools)
  addStorageCommands(program, tools)
  addBackupCommands(program, tools)
  addDoctorCommand(program, env)
  addCompletionCommand(program)
  return program
}
