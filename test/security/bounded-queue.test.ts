import { test } from 'tap'
import { createBoundedQueue } from '../../src/security/bounded-queue.ts'

test('work that fails gives its place back', async (t) => {
  const inTurn = createBoundedQueue({ concurrency: 1, queue: 0 })
  for (let attempt = 0; attempt < 3; attempt++)
    await t.rejects(
      inTurn(() => Promise.reject(new Error('broken'))),
      { message: 'broken' },
    )
  t.equal(await inTurn(async () => 'served'), 'served')
})

test('no more is done at once than was agreed, and whoever waits is served in turn', async (t) => {
  const inTurn = createBoundedQueue({ concurrency: 2, queue: 3 })
  const order: number[] = []
  let running = 0
  const work = (number: number) =>
    inTurn(async () => {
      running++
      t.ok(running <= 2, `${running} at once`)
      await new Promise((done) => setImmediate(done))
      order.push(number)
      running--
    })
  await Promise.all([1, 2, 3, 4, 5].map(work))
  t.same(order, [1, 2, 3, 4, 5])
  const answers = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(work))
  t.match(answers[5], { status: 'rejected', reason: { code: 'OVERLOADED', statusCode: 503, retryAfter: 1 } })
})
