import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import t from 'tap'
import { createProgram } from '../../src/cli/program.ts'
import { root } from '../house/import-graph.ts'

const pages = ['README.md', ...(await Array.fromAsync(glob('docs/*.md', { cwd: root }))).sort()]

/** How a page calls the command line: by its name, by its file, by npm, or in a container. */
const calls = [
  /^(?:[A-Z_]+=\S* )*tenantry (.+)$/,
  /^(?:[A-Z_]+=\S* )*(?:exec )?node src\/cli\.ts (.+)$/,
  /^npm run tenantry -- (.+)$/,
  /^compose run --rm (?:-T )?cli (.+)$/,
  /^compose run --rm backup (.+)$/,
]

/** Commands of a page's code blocks and of its inline code, as the shell would hand them on; those with an ellipsis are not whole. */
function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/^ *```(?:sh|bash)?\n(.*?)^ *```$/gms)].flatMap(([, block = '']) => block.split('\n'))
  const within = [...blocks.join('\n').matchAll(/'exec ([^']+)'/g)].map(([, inner = '']) => inner)
  return [...blocks, ...within]
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .flatMap((line) => calls.map((call) => call.exec(line)?.[1]).find(Boolean) ?? [])
    .filter((command) => !command.includes('…'))
}

/** Words, without what the shell does with the output. */
function wordsOf(command: string): string[] {
  const words = command.replace(/(\s(>|\||&&)|;).*$/, '').match(/"[^"]*"|'[^']*'|\S+/g) ?? []
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
}

/** Takes every command for done: only whether it is understood is asked. */
function defuse(command: Command, called: string[], path: readonly string[] = []): void {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  if (command.commands.length === 0) command.action(() => void called.push(path.join(' ')))
  for (const child of command.commands) defuse(child, called, [...path, child.name()])
}

t.test('every command that a page shows is understood', async (t) => {
  let seen = 0
  for (const page of pages) {
    for (const command of commandsOf(await readFile(join(root, page), 'utf8'))) {
      const called: string[] = []
      const program = createProgram({})
      defuse(program, called)
      const failed = await program.parseAsync(wordsOf(command), { from: 'user' }).then(
        () => undefined,
        (error) => error.code,
      )
      const understood = failed === 'commander.helpDisplayed' || failed === 'commander.help' || called.length === 1
      t.ok(understood, `${page}: ${command} (${failed})`)
      seen += 1
    }
  }
  t.ok(seen > 60, `control: ${seen}`)
})
