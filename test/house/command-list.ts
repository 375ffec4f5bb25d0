import { type CommandNode, flatten, type OptionNode, readTree } from '../../src/cli/command-tree.ts'
import { createProgram } from '../../src/cli/program.ts'

/** Options that every command has, or every one that takes something away: said once, above the list. */
const common = new Set(['--json', '--yes'])

/** Every command with its arguments, options and examples, in Markdown. */
export function commandList(): string {
  const program = readTree(createProgram({}))
  return program.children.map(section).join('\n')
}

function section(group: CommandNode): string {
  const leaves = flatten(group).filter(({ children }) => children.length === 0)
  return `## \`${group.path.join(' ')}\`\n\n${group.children.length > 0 ? `${sentence(group.description)}\n\n` : ''}${leaves.map(entry).join('\n')}`
}

function entry(node: CommandNode): string {
  const usage = ['tenantry', ...node.path, ...node.arguments.map(({ name, required }) => (required ? `<${name}>` : `[${name}]`))].join(' ')
  const own = node.options.filter(({ long }) => !common.has(long))
  const asks = node.options.filter(({ long }) => long === '--yes').map(({ description }) => asksFirst(description))
  const table = own.length > 0 ? `| option | what it is |\n|---|---|\n${own.map(row).join('')}\n` : ''
  const examples = `\`\`\`sh\n${node.examples.map((example) => `tenantry ${example}\n`).join('')}\`\`\`\n`
  return `### \`${usage}\`\n\n${sentence(node.description)}${asks.join('')}\n\n${table}${examples}`
}

/** With all options, or with those that stand before the colon. */
function asksFirst(yes: string): string {
  const [, when] = /^(.+): /.exec(yes) ?? []
  return when === undefined ? ' Asks first.' : ` Asks first ${when.replace(/--[a-z-]+/g, '`$&`')}.`
}

function row({ flags, description, choices, preset, mandatory }: OptionNode): string {
  const more = [
    ...(mandatory ? ['has to be given'] : []),
    ...(choices.length > 0 ? [choices.map((choice) => `\`${choice}\``).join(', ')] : []),
    ...(preset === undefined ? [] : [`default \`${preset}\``]),
  ]
  return `| \`${flags.replaceAll('|', '\\|')}\` | ${[description, ...more].join('; ').replaceAll('|', '\\|')} |\n`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
