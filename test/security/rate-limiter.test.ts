import fc from 'fast-check'
import t from 'tap'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'

function limiter(limit: number, windowMs = 60_000) {
  let clock = 1_000
  return {
    ...createRateLimiter({ limit, windowMs, now: () => clock }),
    later: (ms: number) => {
      clock += ms
    },
  }
}

t.test('as many uses as the limit pass, and the next has to wait for the rest of the window', async (t) => {
  const { take, later } = limiter(3)
  t.same([take('a'), take('a'), take('a')], [0, 0, 0])
  later(15_500)
  t.equal(take('a'), 45, 'in whole seconds, upwards')
  later(44_000)
  t.equal(take('a'), 1)
  later(499)
  t.equal(take('a'), 1, 'never 0 while refused')
  later(1)
  t.equal(take('a'), 0)
})

t.test('refused uses do not lengthen the wait', async (t) => {
  const { take, later } = limiter(1)
  take('a')
  for (let n = 0; n < 100; n++) take('a')
  later(60_000)
  t.equal(take('a'), 0)
})

t.test('keys count for themselves', async (t) => {
  const { take } = limiter(1)
  t.same([take('a'), take('b'), take('')], [0, 0, 0])
  t.not(take('a'), 0)
})

t.test('the limit holds for any order of uses: in no window more than twice, in none of its own more than once', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }), (limit, steps) => {
      const { take, later } = limiter(limit, 1_000)
      let at = 0
      const passed: number[] = []
      for (const step of steps) {
        later(step)
        at += step
        if (take('key') === 0) passed.push(at)
      }
      return passed.every((start) => passed.filter((other) => other >= start && other < start + 1_000).length <= 2 * limit)
    }),
  )
  t.pass()
})

t.test('memory is bounded: of more keys than are kept the oldest are forgotten, the newest are not', async (t) => {
  const { take } = limiter(1)
  for (let n = 0; n <= 100_000; n++) take(`key ${n}`)
  t.equal(take('key 0'), 0)
  t.not(take('key 100000'), 0)
})
