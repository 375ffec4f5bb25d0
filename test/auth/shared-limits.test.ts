import t from 'tap'
import { createTestApp, password } from '../app.ts'
import { eventually } from '../eventually.ts'
import { startRedis } from '../redis.ts'
import { authCalls, freshNetwork, outcome } from './auth-calls.ts'

const wrong = 'wrong password'

t.test('with REDIS_URL', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const env = { REDIS_URL: redis.url }
  const patient = { commandTime: 10_000, connectTime: 10_000 }
  const { app, a, another } = await createTestApp(t, { env, overrides: { redis: patient } })
  const copies = [app, await another()]
  const { signIn } = authCalls(app)
  const inTurn = (n: number) => copies[n % 2] ?? app

  t.test('sign-ins from one network add up over two copies: the eleventh answers 429 RATE_LIMITED', async (t) => {
    const from = freshNetwork()
    for (let n = 0; n < 10; n++) {
      t.equal(outcome(await signIn(a, { email: `n${n}@x.example`, password }, { from, on: inTurn(n) })), '401 AUTH_INVALID_CREDENTIALS')
    }
    for (const on of copies) t.equal(outcome(await signIn(a, { email: a.owner.email, password }, { from, on })), '429 RATE_LIMITED')
  })

  t.test('failures of one account add up too: of guesses at both copies at once five answer 401, and the wait holds at both', async (t) => {
    const email = 'guessed@site-a.example'
    const guesses = await Promise.all(Array.from({ length: 20 }, (_, n) => signIn(a, { email, password: wrong }, { on: inTurn(n) })))
    t.equal(guesses.filter(({ statusCode }) => statusCode === 401).length, 5)
    for (const on of copies) t.equal(outcome(await signIn(a, { email, password: wrong }, { on })), '429 RATE_LIMITED')
  })

  t.test('a success at one copy clears what the other counted', async (t) => {
    const guess = (n: number) => signIn(a, { email: a.owner.email, password: wrong }, { on: inTurn(n) })
    for (let n = 0; n < 4; n++) t.equal((await guess(n)).statusCode, 401)
    t.equal((await signIn(a, { email: a.owner.email, password }, { on: inTurn(1) })).statusCode, 200)
    for (let n = 0; n < 4; n++) t.equal((await guess(n)).statusCode, 401)
    t.equal((await signIn(a, { email: a.owner.email, password }, { on: inTurn(0) })).statusCode, 200)
  })

  t.test('Redis stands still, dies and comes back: every request is answered, and each copy keeps limiting', async (t) => {
    const lines: string[] = []
    const stream = { write: (line: string) => void lines.push(line) }
    const { app, a, another } = await createTestApp(t, { env, overrides: { logger: { level: 'info', stream } } })
    const copy = await another()
    const { signIn } = authCalls(app)
    const account = (n: number) => ({ email: `fault${n}@site-a.example`, password: wrong })
    const sixAt = async (n: number) => {
      const codes = []
      for (let guess = 0; guess < 6; guess++) codes.push((await signIn(a, account(n), { on: app })).statusCode)
      return codes
    }
    const limited = [401, 401, 401, 401, 401, 429]
    const said = (what: string) => lines.filter((line) => line.includes(what)).length
    redis.stall()
    t.same(await sixAt(1), limited, 'stalled')
    t.equal((await signIn(a, { email: a.owner.email, password })).statusCode, 200)
    await redis.kill()
    t.same(await sixAt(2), limited, 'dead')
    t.equal(said('Redis is away'), 1, 'one warning for the whole outage')
    await redis.start()
    await eventually(t, 'it is back', () => said('Redis is back') === 1, 10_000)
    t.same(await sixAt(3), limited, 'back')
    // The other copy comes back in its own time.
    let fresh = 3
    const isShared = async () => {
      fresh++
      await sixAt(fresh)
      return outcome(await signIn(a, account(fresh), { on: copy })) === '429 RATE_LIMITED'
    }
    await eventually(t, 'and shared again', isShared, 10_000)
    t.notMatch(lines.join(''), /site-a\.example"|198\.18\./, 'no address is logged')
  })
})

t.test('without it two copies count apart', async (t) => {
  const { app, a, another } = await createTestApp(t)
  const { signIn } = authCalls(app)
  const email = 'guessed@site-a.example'
  for (const on of [app, await another()]) {
    for (let n = 0; n < 5; n++) t.equal((await signIn(a, { email, password: wrong }, { on })).statusCode, 401)
    t.equal((await signIn(a, { email, password: wrong }, { on })).statusCode, 429)
  }
})

t.test('a service that is closed has left Redis', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { app } = await createTestApp(t, { env: { REDIS_URL: redis.url } })
  const clients = async () =>
    String(await redis.ask('CLIENT', 'LIST'))
      .trim()
      .split('\n').length
  t.equal(await clients(), 2, 'control')
  await app.close()
  await eventually(t, 'its connection is gone', async () => (await clients()) === 1)
})
