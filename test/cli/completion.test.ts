import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { readTree } from '../../src/cli/command-tree.ts'
import { type Shell, shells } from '../../src/cli/completion/shells.ts'
import { writeCompletion } from '../../src/cli/completion/write-completion.ts'
import { createProgram } from '../../src/cli/program.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { findTool, requireTool } from '../tool.ts'
import { runTenantry } from './run-tenantry.ts'

const run = promisify(execFile)
const scriptOf = (shell: Shell) => writeCompletion(shell, readTree(createProgram({})))

test('bash completes commands, options and their choices, and nothing that is not there', async (t) => {
  const bash = requireTool(t, 'bash')
  if (!bash) return
  const complete = async (...words: string[]): Promise<string[]> => {
    const asked = `${scriptOf('bash')}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tenantry; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await run(bash, ['--norc', '-c', asked, 'bash', 'tenantry', ...words])
    return stdout.split('\n').filter(Boolean)
  }
  t.same(await complete('si'), ['site'])
  t.same(await complete('site', 'cr'), ['create'])
  t.same(await complete('site', 's'), ['show', 'suspend'])
  t.same(await complete('site', 'create', 'cecab', '--t'), ['--template', '--time-zone'])
  t.same(await complete('site', 'create', 'cecab', '--template', ''), ['municipality', 'cooperative', 'none'])
  t.same(await complete('site', 'delete', 'cecab', '--y'), ['--yes'])
  t.same(await complete('explode', '--y'), [])
  const all = await complete('')
  t.ok(['migrate', 'doctor', 'completion', '--help'].every((word) => all.includes(word)))
})

test('zsh and fish take what is written for them', async (t) => {
  const folder = await temporaryFolder(t)
  for (const shell of ['zsh', 'fish'] as const) {
    // Not every machine that runs the tests has them, and nothing else here needs them.
    const binary = findTool(shell)
    if (!binary) {
      t.comment(`${shell} is not installed`)
      continue
    }
    const file = join(folder, shell)
    await writeFile(file, scriptOf(shell))
    t.same(await run(binary, ['--no-execute', file]).then(({ stderr }) => stderr), '', shell)
  }
})

test('completion prints the script of a shell that it knows', async (t) => {
  for (const shell of shells) t.match(await runTenantry(['completion', shell]), { code: 0, out: scriptOf(shell), err: '' })
  t.match(await runTenantry(['completion', 'tcsh']), { code: 2, err: /Allowed choices are bash, zsh, fish/ })
})
