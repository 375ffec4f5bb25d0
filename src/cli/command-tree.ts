import type { Command } from 'commander'
import { examplesOf } from './add-command.ts'

/** What there is to tell of a command, for documents and for shells. */
export interface CommandNode {
  /** Without the leading `tenantry`; empty for the whole of it. */
  path: readonly string[]
  description: string
  arguments: readonly { name: string; required: boolean; description: string }[]
  options: readonly OptionNode[]
  examples: readonly string[]
  children: readonly CommandNode[]
}

export interface OptionNode {
  /** As help has it: `--name <name>`. */
  flags: string
  /** `--name` */
  long: string
  description: string
  takesValue: boolean
  mandatory: boolean
  choices: readonly string[]
  preset: string | undefined
}

export function readTree(command: Command, path: readonly string[] = []): CommandNode {
  return {
    path,
    description: command.description(),
    arguments: command.registeredArguments.map((one) => ({ name: one.name(), required: one.required, description: one.description })),
    options: command.options.map(({ flags, long, description, required, optional, mandatory, argChoices, defaultValue }) => ({
      flags,
      long: long ?? '',
      description,
      takesValue: required || optional,
      mandatory,
      choices: argChoices ?? [],
      preset: defaultValue === undefined ? undefined : String(defaultValue),
    })),
    examples: examplesOf(command),
    children: command.commands.map((child) => readTree(child, [...path, child.name()])),
  }
}

/** The tree from its root on, parents before their children. */
export function flatten(node: CommandNode): CommandNode[] {
  return [node, ...node.children.flatMap(flatten)]
}
