import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import { confirm } from '../../src/cli/confirm.ts'

const [ctrlC, ctrlD] = ['\u0003', '\u0004']

/** A person who types `keys` when asked: what comes of it, and what the terminal shows. */
async function typed(keys: string | undefined) {
  const terminal = {
    stdin: Object.assign(new PassThrough(), { isTTY: true }),
    stderr: Object.assign(new PassThrough(), { isTTY: true, columns: 80 }),
  }
  if (keys === undefined) terminal.stdin.end()
  else terminal.stdin.write(keys)
  const ended = await confirm({}, 'cecab: It will answer 404.', 'cecab', terminal).then(
    () => 'goes on',
    (error) => String(error),
  )
  const left = terminal.stdin.listenerCount('keypress')
  terminal.stderr.end()
  return { ended, left, shown: await text(terminal.stderr) }
}

test('the word alone goes on', async (t) => {
  t.match(await typed('cecab\r'), { ended: 'goes on', left: 0, shown: /cecab: It will answer 404\. Type "cecab" to go on: / })
  for (const answer of ['y\r', '\r', 'CECAB\r']) t.match(await typed(answer), { ended: 'Error: Nothing was done.', left: 0 }, answer)
})

test('Ctrl-C, Ctrl-D and a terminal that goes away are a refusal in one line of its own, and leave the terminal alone', async (t) => {
  for (const keys of [ctrlC, ctrlD, `cec${ctrlC}`, undefined]) {
    t.match(await typed(keys), { ended: 'Error: Nothing was done.', left: 0, shown: /\n$/ }, JSON.stringify(keys))
  }
})
