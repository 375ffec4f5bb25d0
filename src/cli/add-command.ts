import type { Command } from 'commander'

export interface CommandWords {
  /** With its arguments: `show <slug>` */
  name: string
  description: string
  /** Without the leading `tenantry`; help shows them. */
  examples: readonly [string, ...string[]]
  /** It takes something away: asks first, and takes --yes. A text tells with which options alone. */
  destructive?: boolean | string
}

/** What the options of every command hold. */
export interface CommonFlags {
  json?: boolean
  /** Of destructive ones. */
  yes?: boolean
}

/** Of each command, for documents: help has them as text alone. */
const shown = new WeakMap<Command, readonly string[]>()

export function examplesOf(command: Command): readonly string[] {
  return shown.get(command) ?? []
}

/** Adds a command with what all of them have: an example in its help, `--json`, and `--yes` where it is destructive. */
export function addCommand(parent: Command, { name, description, examples, destructive = false }: CommandWords): Command {
  const command = parent
    .command(name)
    .description(description)
    .option('--json', 'for programs: one JSON value, and nothing else, on the standard output')
  if (destructive) command.option('--yes', destructive === true ? 'do it without asking' : `${destructive}: do it without asking`)
  shown.set(command, examples)
  const lines = examples.map((example) => `  tenantry ${example}`)
  return command.addHelpText('after', `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`)
}
