import fc from 'fast-check'
import t from 'tap'
import { createFailureDelay, delayAfter } from '../../src/security/failure-delay.ts'

function delays() {
  let clock = 1_000_000
  const delay = createFailureDelay(() => clock)
  return {
    ...delay,
    failTimes(key: string, times: number) {
      for (let n = 0; n < times; n++) delay.fail(key)
    },
    later: (ms: number) => {
      clock += ms
    },
  }
}

const second = 1_000
const minute = 60 * second

t.test('four failures cost nothing, the fifth five minutes, the tenth and all after it 15', async (t) => {
  t.same(
    [0, 1, 2, 3, 4].map((failures) => delayAfter(failures)),
    [0, 0, 0, 0, 0],
  )
  t.same(
    [5, 6, 7, 8, 9, 10, 11, 1_000].map((failures) => delayAfter(failures)),
    [300, 420, 540, 660, 780, 900, 900, 900],
  )
})

t.test('the wait runs down with the clock, in whole seconds upwards', async (t) => {
  const { failTimes, wait, later } = delays()
  failTimes('a', 4)
  t.equal(wait('a'), 0)
  failTimes('a', 1)
  t.equal(wait('a'), 300)
  later(100)
  t.equal(wait('a'), 300)
  later(299 * second)
  t.equal(wait('a'), 1)
  later(second)
  t.equal(wait('a'), 0)
})

t.test('a failure after the wait starts a longer one', async (t) => {
  const { failTimes, wait, later } = delays()
  failTimes('a', 5)
  later(5 * minute)
  failTimes('a', 1)
  t.equal(wait('a'), 420)
})

t.test('15 quiet minutes after the wait forget all, and a moment less does not', async (t) => {
  for (const [quiet, expected] of [
    [15 * minute, 0],
    [15 * minute - 1, 420],
  ] as const) {
    const { failTimes, wait, later } = delays()
    failTimes('a', 5)
    later(5 * minute + quiet)
    failTimes('a', 1)
    t.equal(wait('a'), expected)
  }
})

t.test('a success clears what was counted', async (t) => {
  const { failTimes, wait, clear } = delays()
  failTimes('a', 12)
  clear('a')
  t.equal(wait('a'), 0)
  failTimes('a', 4)
  t.equal(wait('a'), 0)
})

t.test('a failure taken back was never counted, and takes no other with it', async (t) => {
  const { fail, failTimes, wait, clear } = delays()
  failTimes('a', 4)
  const takeBack = fail('a')
  t.equal(wait('a'), 300)
  takeBack()
  t.equal(wait('a'), 0)
  failTimes('a', 1)
  t.equal(wait('a'), 300, 'the four before it still count')
  clear('a')
  takeBack()
  t.equal(wait('a'), 0, 'nothing is left to take back')
})

t.test('keys count for themselves', async (t) => {
  const { failTimes, wait } = delays()
  failTimes('a', 5)
  t.equal(wait('b'), 0)
  t.equal(wait('constructor'), 0)
})

t.test('whatever the pace of the guesses, no five minutes hold a sixth failure', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 * minute }), { minLength: 20, maxLength: 100 }),
      fc.integer({ min: 1, max: 1_000 }),
      (steps, pace) => {
        const { fail, wait, later } = delays()
        let at = 0
        const failed: number[] = []
        for (const step of steps) {
          const ms = Math.floor(step / pace)
          later(ms)
          at += ms
          if (wait('a') > 0) continue
          fail('a')
          failed.push(at)
        }
        return failed.every((start) => failed.filter((other) => other >= start && other < start + 5 * minute).length <= 5)
      },
    ),
  )
  t.pass()
})
