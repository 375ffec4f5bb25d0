import type { CommonFlags } from './add-command.ts'

/** Whether a line of progress stands where the next output begins. */
let progressStands = false

/** The result of a command: `value` as JSON for programs, `text` for people, where there is any. */
export function print({ json = false }: Pick<CommonFlags, 'json'>, value: unknown, text: () => string): void {
  if (progressStands) process.stderr.write('\u001b[K')
  const shown = json ? JSON.stringify(value, null, 2) : text()
  if (shown) console.log(shown)
}

/** What long work is at, on the error output: a line that is written over at a terminal, otherwise at most one in five seconds. */
export function createProgress(now: () => number = Date.now): (line: string) => void {
  const { isTTY = false } = process.stderr
  let last = Number.NEGATIVE_INFINITY
  return (line) => {
    if (isTTY) {
      progressStands = true
      // The cursor goes back to its beginning: what comes next, a complaint too, is written over it.
      process.stderr.write(`\r\u001b[K${line}\r`)
    } else if (now() - last >= 5_000) {
      last = now()
      process.stderr.write(`${line}\n`)
    }
  }
}
