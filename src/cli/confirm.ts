import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { CommonFlags } from './add-command.ts'

interface Terminal {
  stdin: Readable & { isTTY?: boolean }
  stderr: Writable
}

/** Before a destructive step: goes on with --yes, or when a person at a terminal types `word`; everything else is a refusal. */
export async function confirm({ yes = false }: Pick<CommonFlags, 'yes'>, what: string, word: string, terminal: Terminal = process): Promise<void> {
  if (yes) return
  if (!terminal.stdin.isTTY) throw new Error(`${what} Give --yes to do it.`)
  const answer = await ask(`${what} Type "${word}" to go on: `, terminal)
  // The cursor still stands behind the question.
  if (answer === undefined) terminal.stderr.write('\n')
  if (answer?.trim() !== word) throw new Error('Nothing was done.')
}

/** Undefined for Ctrl-C, Ctrl-D and a terminal that goes away. */
function ask(question: string, { stdin, stderr }: Terminal): Promise<string | undefined> {
  const lines = createInterface({ input: stdin, output: stderr })
  return new Promise<string | undefined>((answered) => {
    lines.once('close', () => answered(undefined))
    lines.question(question, answered)
  }).finally(() => lines.close())
}
