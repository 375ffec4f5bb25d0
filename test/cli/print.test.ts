import { test } from 'tap'
import { createProgress, print } from '../../src/cli/print.ts'

test('at a terminal a result is written over the line of progress, and nothing of that line is left behind it', async (t) => {
  const written = t.capture(process.stderr, 'write', () => true)
  t.capture(console, 'log')
  const before = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY')
  Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true })
  t.teardown(() => (before ? Object.defineProperty(process.stderr, 'isTTY', before) : Reflect.deleteProperty(process.stderr, 'isTTY')))
  createProgress()('3 of 4 read')
  print({}, {}, () => 'done')
  t.equal(written.args().join(''), '\r\u001b[K3 of 4 read\r\u001b[K')
})
