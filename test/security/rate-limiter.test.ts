import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { type OpenStore, onEachStore } from './limits/each-store.ts'

const second = 1_000
const minute = 60 * second

await onEachStore(t, async (t: Test, open: OpenStore) => {
  function limiter(limit: number, windowMs = minute) {
    let clock = 1_000
    const now = () => clock
    return {
      ...createRateLimiter({ limit, windowMs, store: open(now) }),
      later: (ms: number) => {
        clock += ms
      },
    }
  }

  t.test('as many uses as the limit pass, and the next has to wait for the rest of the window', async (t) => {
    const { take, later } = limiter(3)
    t.same([await take('a'), await take('a'), await take('a')], [0, 0, 0])
    later(15_500)
    t.equal(await take('a'), 45, 'in whole seconds, upwards')
    later(44_000)
    t.equal(await take('a'), 1)
    later(499)
    t.equal(await take('a'), 1, 'never 0 while refused')
    later(1)
    t.equal(await take('a'), 0)
  })

  t.test('refused uses do not lengthen the wait', async (t) => {
    const { take, later } = limiter(1)
    for (let n = 0; n < 100; n++) await take('a')
    later(minute)
    t.equal(await take('a'), 0)
  })

  t.test('keys count for themselves, and names too', async (t) => {
    const { take } = limiter(1)
    t.same([await take('a'), await take('b'), await take('')], [0, 0, 0])
    t.not(await take('a'), 0)
    const store = open(() => 1_000)
    const [one, other] = ['one', 'other'].map((name) => createRateLimiter({ limit: 1, windowMs: minute, store, name }))
    t.same([await one?.take('a'), await other?.take('a')], [0, 0])
    t.same([await one?.take('a'), await other?.take('a')], [60, 60], 'control')
  })

  t.test('of uses at the same time as many pass as the limit says', async (t) => {
    const { take } = limiter(7)
    const waits = await Promise.all(Array.from({ length: 100 }, () => take('a')))
    t.equal(waits.filter((wait) => wait === 0).length, 7)
    t.equal(waits.filter((wait) => wait === 60).length, 93)
  })

  t.test('the limit holds for any order of uses: in no window more than twice, in none of its own more than once', async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 30 * second }), { maxLength: 200 }),
        async (limit, steps) => {
          const { take, later } = limiter(limit)
          let at = 0
          const passed: number[] = []
          for (const step of steps) {
            later(step)
            at += step
            if ((await take('key')) === 0) passed.push(at)
          }
          return passed.every((start) => passed.filter((other) => other >= start && other < start + minute).length <= 2 * limit)
        },
      ),
    )
    t.pass()
  })
})

t.test('memory is bounded: of more keys than are kept the oldest are forgotten, the newest are not', async (t) => {
  const { take } = createRateLimiter({ limit: 1, windowMs: minute, now: () => 1_000 })
  for (let n = 0; n <= 100_000; n++) await take(`key ${n}`)
  t.equal(await take('key 0'), 0)
  t.not(await take('key 100000'), 0)
})
