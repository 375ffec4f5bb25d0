import { test } from 'tap'
import { interruptible } from '../../../src/cli/interruptible.ts'

/** Fails by `fault` once SIGTERM came. */
function stopped(fault: (signal: AbortSignal) => unknown, words?: string): Promise<never> {
  return interruptible(async (signal) => {
    process.emit('SIGTERM')
    throw fault(signal)
  }, words)
}

test('work that a signal ended says so, and that nothing was kept', async (t) => {
  const [before, whole] = [process.listenerCount('SIGTERM'), { message: 'Stopped, and nothing of it was kept.' }]
  await t.rejects(
    stopped(({ reason }) => reason),
    whole,
  )
  await t.rejects(
    stopped(() => new DOMException('The operation was aborted', 'AbortError')),
    whole,
  )
  await t.rejects(
    stopped(({ reason }) => reason, 'Stopped half-way.'),
    { message: 'Stopped half-way.' },
  )
  t.equal(process.listenerCount('SIGTERM'), before)
})

test('what failed after the signal is told, and nothing is said to be gone', async (t) => {
  const exactly = (message: string) => ({ message })
  await t.rejects(
    stopped(() => new Error('Its files could not be removed again.')),
    exactly('Stopped.\nIts files could not be removed again.'),
  )
  await t.rejects(
    stopped(({ reason }) => new Error(`${reason.message}\nIts files could not be removed again.`)),
    exactly('Stopped.\nIts files could not be removed again.'),
  )
  await t.rejects(
    interruptible(async () => Promise.reject(new Error('wrong key'))),
    exactly('wrong key'),
    'without a signal',
  )
  t.ok(await interruptible(async () => process.emit('SIGTERM')), 'work that was over before')
})
