import type { Command } from 'commander'
import { addCommand } from './add-command.ts'
import type { OperatorFlags } from './operators/create.ts'
import { emailField, hostField, nameField } from './sites/site-fields.ts'
import type { Tools } from './tools.ts'

export function addOperatorCommands(program: Command, tools: Tools): void {
  const operators = program.command('operator').description('people who run this hub')
  addCommand(operators, {
    name: 'create',
    description:
      "invite an operator; the first time it makes the hub's own site, where operators sign in, and while that has no mail account it prints a link",
    examples: ['operator create ana@hub.example --host console.hub.example', 'operator create rui@hub.example'],
  })
    .argument('<email>', 'address', emailField)
    .option('--host <host>', "of the hub's own site, where there is none yet", hostField)
    .option('--name <name>', "of the hub's own site, where there is none yet", nameField, 'Tenantry')
    .option('--link', 'no mail, but a link to hand on')
    .action(async (email: string, flags: OperatorFlags) => {
      const { createOperator } = await import('./operators/create.ts')
      await createOperator(tools, email, flags)
    })
}
