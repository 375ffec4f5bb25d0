import type { Command } from 'commander'
import t from 'tap'
import { createProgram } from '../../src/cli/program.ts'
import { runTenantry } from './run-tenantry.ts'

/** Commands that do something, by their full names. */
function leaves(command: Command, path: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[path.join(' '), command]]
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]))
}

function helpOf(command: Command): string {
  const help: string[] = []
  command.configureOutput({ writeOut: (part) => void help.push(part) }).outputHelp()
  return help.join('')
}

t.test('every command shows an example of itself, and takes --json; what takes something away takes --yes', (t) => {
  const found = leaves(createProgram({}))
  t.ok(found.length > 9, 'control')
  for (const [name, command] of found) {
    const help = helpOf(command)
    const examples = [...help.matchAll(/^ {2}tenantry (.*)$/gm)].map(([, example = '']) => example)
    t.ok(examples.length > 0, `${name} has an example`)
    for (const example of examples) t.ok(example === name || example.startsWith(`${name} `), `${example} is one of ${name}`)
    t.ok(command.description(), name)
    t.match(help, /--json/, name)
    if (/\b(delete|suspend|remove)$/.test(name)) t.match(help, /--yes/, name)
  }
  t.end()
})

t.test('every example of the help is understood', async (t) => {
  const called: string[] = []
  const program = createProgram({})
  const found = leaves(program)
  for (const [name, command] of found) command.action(() => void called.push(name))
  for (const [name, command] of found) {
    for (const [, example = ''] of helpOf(command).matchAll(/^ {2}tenantry (.*)$/gm)) {
      called.length = 0
      const words = [...example.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word)
      await program.parseAsync(words, { from: 'user' })
      t.same(called, [name], example)
    }
  }
})

t.test('what is not understood ends with 2 and what fails with 1, each with one line; help ends with 0', async (t) => {
  t.match(await runTenantry(['site', 'explode', 'cecab']), { code: 2, out: '', err: "error: unknown command 'explode'\n" })
  t.match(await runTenantry(['site', 'restore']), { code: 2, err: "error: missing required argument 'slug'\n" })
  t.match(await runTenantry(['keys', 'list', 'cecab', '--jsno']), { code: 2 })
  t.match(await runTenantry(['--help']), { code: 0, out: /Operate a Tenantry deployment/, err: '' })
  t.match(await runTenantry(['migrate']), { code: 1, out: '', err: /^DATABASE_URL must be set: .*\n$/ })
  t.match(await runTenantry(['migrate'], { PORT: 'x' }), { code: 1, err: /PORT must be a port number/ })
})

t.test('without a terminal nothing is taken away unless --yes says so', async (t) => {
  const taking = [
    ['site', 'delete', 'cecab'],
    ['host', 'remove', 'cecab', 'cecab.example'],
    ['member', 'end-sessions', 'cecab', '--all'],
    ['keys', 'rotate', '--all', '--now'],
    ['keys', 'rotate', '--all', '--now', '--unreadable'],
    ['site', 'import', 'cecab.age', '--discard-files'],
  ]
  const ended = await Promise.all(
    [...taking, ['keys', 'rotate', '--all'], ['site', 'import', 'cecab.age', '--discard-files', '--dry-run']].map((args) => runTenantry(args)),
  )
  for (const [at, args] of taking.entries()) t.match(ended[at], { code: 1, out: '', err: /^.+\. Give --yes to do it\.\n$/ }, args.join(' '))
  for (const asked of ended.slice(taking.length)) t.notMatch(asked.err, /--yes/, 'what takes nothing away does not ask')
})
