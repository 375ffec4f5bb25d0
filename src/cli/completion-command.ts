import { Argument, type Command } from 'commander'
import { addCommand } from './add-command.ts'
import { shells } from './completion/shells.ts'

export function addCompletionCommand(program: Command): void {
  addCommand(program, {
    name: 'completion',
    description: 'print what a shell completes commands and options by, for its start-up file',
    examples: ['completion bash', 'completion zsh', 'completion fish'],
  })
    .addArgument(new Argument('<shell>', 'whose script').choices(shells))
    .action(async (shell: (typeof shells)[number], { json = false }: { json?: boolean }) => {
      const [{ writeCompletion }, { readTree }, { print }] = await Promise.all([
        import('./completion/write-completion.ts'),
        import('./command-tree.ts'),
        import('./print.ts'),
      ])
      const script = writeCompletion(shell, readTree(program))
      print({ json }, { shell, script }, () => script.trimEnd())
    })
}
