import { createInterface } from 'node:readline/promises'
import type { CommonFlags } from './add-command.ts'

/** Before a destructive step: goes on with --yes, or when a person at a terminal types `word`; everything else is a refusal. */
export async function confirm({ yes = false }: Pick<CommonFlags, 'yes'>, what: string, word: string): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY) throw new Error(`${what} Give --yes to do it.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`${what} Type "${word}" to go on: `)
  terminal.close()
  if (answer.trim() !== word) throw new Error('Nothing was done.')
}
