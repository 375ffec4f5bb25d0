import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createFailureDelay, delayAfter } from '../../src/security/failure-delay.ts'
import { type OpenStore, onEachStore } from './limits/each-store.ts'

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

await onEachStore(t, async (t: Test, open: OpenStore) => {
  function delays() {
    let clock = 1_000_000
    const now = () => clock
    const delay = createFailureDelay(now, { store: open(now) })
    return {
      ...delay,
      async failTimes(key: string, times: number) {
        for (let n = 0; n < times; n++) await delay.fail(key)
      },
      later: (ms: number) => {
        clock += ms
      },
    }
  }

  t.test('the wait runs down with the clock, in whole seconds upwards', async (t) => {
    const { failTimes, wait, later } = delays()
    await failTimes('a', 4)
    t.equal(await wait('a'), 0)
    await failTimes('a', 1)
    t.equal(await wait('a'), 300)
    later(100)
    t.equal(await wait('a'), 300)
    later(299 * second)
    t.equal(await wait('a'), 1)
    later(second)
    t.equal(await wait('a'), 0)
  })

  t.test('a failure after the wait starts a longer one', async (t) => {
    const { failTimes, wait, later } = delays()
    await failTimes('a', 5)
    later(5 * minute)
    await failTimes('a', 1)
    t.equal(await wait('a'), 420)
  })

  t.test('15 quiet minutes after the wait forget all, and a moment less does not', async (t) => {
    for (const [quiet, expected] of [
      [15 * minute, 0],
      [15 * minute - 1, 420],
    ] as const) {
      const { failTimes, wait, later } = delays()
      await failTimes('a', 5)
      later(5 * minute + quiet)
      await failTimes('a', 1)
      t.equal(await wait('a'), expected)
    }
  })

  t.test('a success clears what was counted', async (t) => {
    const { failTimes, wait, clear } = delays()
    await failTimes('a', 12)
    await clear('a')
    t.equal(await wait('a'), 0)
    await failTimes('a', 4)
    t.equal(await wait('a'), 0)
  })

  t.test('a failure taken back was never counted, and takes no other with it', async (t) => {
    const { fail, failTimes, wait, clear } = delays()
    await failTimes('a', 4)
    const { takeBack } = await fail('a')
    t.equal(await wait('a'), 300)
    await takeBack()
    t.equal(await wait('a'), 0)
    await failTimes('a', 1)
    t.equal(await wait('a'), 300, 'the four before it still count')
    await clear('a')
    await takeBack()
    t.equal(await wait('a'), 0, 'nothing is left to take back')
  })

  t.test('keys count for themselves', async (t) => {
    const { failTimes, wait } = delays()
    await failTimes('a', 5)
    t.equal(await wait('b'), 0)
    t.equal(await wait('constructor'), 0)
  })

  t.test('whatever the pace of the guesses, no five minutes hold a sixth failure', async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 20 * minute }), { minLength: 20, maxLength: 100 }),
        fc.integer({ min: 1, max: 1_000 }),
        async (steps, pace) => {
          const { fail, later } = delays()
          let at = 0
          const failed: number[] = []
          for (const step of steps) {
            const ms = Math.floor(step / pace)
            later(ms)
            at += ms
            if ((await fail('a')).wait > 0) continue
            failed.push(at)
          }
          return failed.every((start) => failed.filter((other) => other >= start && other < start + 5 * minute).length <= 5)
        },
      ),
    )
    t.pass()
  })

  t.test('while there is something to wait for, nothing is counted: the wait comes back instead', async (t) => {
    const { fail, failTimes, wait, later } = delays()
    await failTimes('a', 5)
    later(minute)
    t.match(await fail('a'), { wait: 240, beginsLock: false })
    later(4 * minute)
    t.match(await fail('a'), { wait: 0 })
    t.equal(await wait('a'), 420, 'the sixth')
  })

  t.test('of failures at the same time five are counted, and the others have to wait', async (t) => {
    const { fail } = delays()
    const failures = await Promise.all(Array.from({ length: 50 }, () => fail('a')))
    t.equal(failures.filter(({ wait }) => wait === 0).length, 5)
    t.equal(failures.filter(({ wait }) => wait === 300).length, 45)
  })

  t.test('one of any number of failures at the same time begins the lock, and none of those after it', async (t) => {
    const { fail, failTimes, wait, later } = delays()
    await failTimes('a', 5)
    for (let n = 6; n < 10; n++) {
      later((await wait('a')) * second)
      t.match(await fail('a'), { wait: 0, beginsLock: false }, `failure ${n}`)
    }
    later((await wait('a')) * second)
    const tenth = await Promise.all(Array.from({ length: 50 }, () => fail('a')))
    t.equal(tenth.filter(({ beginsLock }) => beginsLock).length, 1)
    t.equal(await wait('a'), 900)
    later(15 * minute - 1)
    t.match(await fail('a'), { wait: 1, beginsLock: false })
    later(1)
    t.match(await fail('a'), { wait: 0, beginsLock: false }, 'the eleventh locks again, and is told to nobody')
    t.equal(await wait('a'), 900)
    later(30 * minute)
    await failTimes('a', 5)
    t.equal(await wait('a'), 300, 'and all is forgotten in the end')
  })

  t.test('a lock that was taken back begins with the failure that is one', async (t) => {
    const { fail, failTimes, wait, later } = delays()
    await failTimes('a', 5)
    for (let n = 6; n < 10; n++) {
      later((await wait('a')) * second)
      await fail('a')
    }
    later((await wait('a')) * second)
    const busy = await fail('a')
    t.equal(busy.beginsLock, true)
    await busy.takeBack()
    t.equal(await wait('a'), 0)
    t.equal((await fail('a')).beginsLock, true)
  })

  t.test('a failure taken back after a success takes none of those that came after it', async (t) => {
    const { fail, failTimes, wait, clear } = delays()
    const { takeBack } = await fail('a')
    await clear('a')
    await failTimes('a', 4)
    await takeBack()
    await failTimes('a', 1)
    t.equal(await wait('a'), 300)
  })
})
