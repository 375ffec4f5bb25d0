import t, { type Test } from 'tap'
import { createFailureDelay } from '../../src/security/failure-delay.ts'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp, password } from '../app.ts'
import { type OpenStore, onEachStore } from '../security/limits/each-store.ts'
import { authCalls, freshNetwork, outcome, withoutRequestId } from './auth-calls.ts'

await onEachStore(t, async (t: Test, open: OpenStore) => {
  let clock = 1_000_000_000
  const now = () => clock
  const store = open(now)
  const overrides = {
    limits: { signIns: createRateLimiter({ limit: 10, windowMs: 60_000, store }), failedSignIns: createFailureDelay(now, { store }) },
  }
  const { app, a, b, another } = await createTestApp(t, { overrides })
  const { signIn } = authCalls(app)
  const right = { email: a.owner.email, password }
  const minute = 60_000

  t.beforeEach(() => {
    clock += 24 * 60 * minute
  })

  t.test('the eleventh sign-in of a minute from one /64 answers 429 RATE_LIMITED with Retry-After', async (t) => {
    for (let client = 1; client <= 10; client++) {
      t.equal((await signIn(a, right, { from: `2001:db8:1:2::${client}` })).statusCode, 200)
    }
    clock += 20_000
    const eleventh = await signIn(a, right, { from: '2001:db8:1:2:ffff::1' })
    t.equal(outcome(eleventh), '429 RATE_LIMITED')
    t.equal(eleventh.headers['retry-after'], '40')
    t.equal((await signIn(a, right, { from: '2001:db8:1:3::1' })).statusCode, 200, 'the next /64 may')
    const elsewhere = await signIn(b, { email: b.owner.email, password }, { from: '2001:db8:1:2::1' })
    t.equal(elsewhere.statusCode, 200, 'another site counts for itself')
    clock += 40_000
    t.equal((await signIn(a, right, { from: '2001:db8:1:2::1' })).statusCode, 200, 'after the wait')
  })

  t.test('ten attempts on other accounts fill the network’s minute: the right password answers 429', async (t) => {
    const from = freshNetwork()
    for (let n = 0; n < 10; n++) await signIn(a, { email: `n${n}@x.example`, password }, { from })
    t.equal(outcome(await signIn(a, right, { from })), '429 RATE_LIMITED')
  })

  t.test('the sixth failure for an account answers 429 RATE_LIMITED from any network, for accounts that nobody has alike', async (t) => {
    const answers = []
    for (const email of [a.owner.email, 'nobody@site-a.example', 'no address']) {
      for (let n = 0; n < 5; n++) t.equal(outcome(await signIn(a, { email, password: 'wrong' })), '401 AUTH_INVALID_CREDENTIALS', `${email} ${n}`)
      const sixth = await signIn(a, { email, password: 'wrong' })
      t.equal(outcome(sixth), '429 RATE_LIMITED', email)
      answers.push({ body: withoutRequestId(sixth), wait: sixth.headers['retry-after'] })
    }
    t.same(answers[1], answers[0])
    t.same(answers[2], answers[0])
    t.equal(outcome(await signIn(a, right)), '429 RATE_LIMITED', 'the right password has to wait as well')
    t.equal(outcome(await signIn(a, { email: a.owner.email.toUpperCase(), password })), '429 RATE_LIMITED', 'in other letters too')
    clock += 5 * minute
    t.equal((await signIn(a, right)).statusCode, 200, 'and passes after it')
  })

  t.test('failures at one site do not hold up the same address at another', async (t) => {
    const email = b.owner.email
    for (let n = 0; n < 6; n++) await signIn(a, { email, password: 'wrong' })
    t.equal(outcome(await signIn(a, { email, password })), '429 RATE_LIMITED')
    t.equal((await signIn(b, { email, password })).statusCode, 200)
  })

  t.test('a sign-in that succeeds clears what was counted', async (t) => {
    for (let n = 0; n < 4; n++) await signIn(a, { email: a.owner.email, password: 'wrong' })
    t.equal((await signIn(a, right)).statusCode, 200)
    for (let n = 0; n < 4; n++) t.equal((await signIn(a, { email: a.owner.email, password: 'wrong' })).statusCode, 401)
    t.equal((await signIn(a, right)).statusCode, 200)
  })

  t.test('ten failures lock an account for 15 minutes, not for ever', async (t) => {
    let failures = 0
    for (let n = 0; n < 60 && failures < 10; n++) {
      const answer = await signIn(a, { email: a.owner.email, password: 'wrong' })
      if (answer.statusCode === 401) failures++
      else clock += Number(answer.headers['retry-after']) * 1_000
    }
    t.equal(failures, 10)
    t.equal((await signIn(a, right)).headers['retry-after'], '900')
    clock += 15 * minute
    t.equal((await signIn(a, right)).statusCode, 200)
  })

  t.test('guesses made at the same time are counted like guesses made in turn: five answer 401, the others 429', async (t) => {
    const guesses = await Promise.all(Array.from({ length: 12 }, () => signIn(a, { email: a.owner.email, password: 'wrong' })))
    const codes = guesses.map(({ statusCode }) => statusCode).sort()
    t.same(codes, [...Array(5).fill(401), ...Array(7).fill(429)])
  })

  t.test('a refusal for want of capacity counts as no failure: 503, then 200', async (t) => {
    const other = await another({ limits: { failedSignIns: createFailureDelay(now, { store: open(now) }) } })
    const { verify } = other.hasher
    other.hasher.verify = () => Promise.reject(Object.assign(new Error('busy'), { code: 'OVERLOADED', statusCode: 503 }))
    for (let n = 0; n < 8; n++) t.equal(outcome(await signIn(a, right, { on: other })), '503 OVERLOADED')
    other.hasher.verify = verify
    t.equal((await signIn(a, right, { on: other })).statusCode, 200)
  })
})
