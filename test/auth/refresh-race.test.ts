import t, { type Test } from 'tap'
import { openSession } from '../../src/auth/sessions/session-store.ts'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp } from '../app.ts'
import { authCalls, claimsOf } from './auth-calls.ts'

for (const mode of ['session', 'transaction']) {
  t.test(`in ${mode} mode`, async (t) => {
    const { pile, pairs, crowd } = await racers(t, mode)
    await t.test('20 simultaneous refreshes of one token, on two processes, all answer 200 with one successor and one step', pile)
    await t.test('200 pairs of simultaneous refreshes never fork a session and never log its member out', pairs)
    await t.test('200 sessions refreshed in pairs at the same time all live on, one step further', crowd)
  })
}

/** Two processes on one database. */
async function racers(t: Test, mode: string) {
  const limits = () => ({ refreshes: createRateLimiter({ limit: 1_000_000, windowMs: 60_000 }) })
  const { app, data, a, another } = await createTestApp(t, { env: { DATABASE_POOL_MODE: mode }, overrides: { limits: limits() } })
  const copy = await another({ limits: limits() })
  const db = data.open().forTenant(a.id)
  const { open, refresh, me } = authCalls(app)

  async function stateOf(accessToken: string) {
    const { sid } = claimsOf(accessToken).claims
    return (await data.owner.query('select generation, ended_at is not null as ended from sessions where id = $1', [sid])).rows[0]
  }

  return {
    async pile(t: Test) {
      const { accessToken, refreshToken } = await open(a)
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => refresh(a, refreshToken, { on: n % 2 ? app : copy })))
      t.same([...new Set(answers.map(({ statusCode }) => statusCode))], [200])
      t.equal(new Set(answers.map((answer) => answer.json().refreshToken)).size, 1)
      t.same(await stateOf(accessToken), { generation: 1, ended: false })
      for (const answer of answers) t.equal((await me(a, answer.json().accessToken)).statusCode, 200)
    },

    async pairs(t: Test) {
      const { accessToken, refreshToken } = await open(a)
      let current = refreshToken
      for (let pair = 1; pair <= 200; pair++) {
        const [one, other] = await Promise.all([refresh(a, current), refresh(a, current, { on: copy })])
        if (one.statusCode !== 200 || other.statusCode !== 200) return t.fail(`pair ${pair}: ${one.body} ${other.body}`)
        if (one.json().refreshToken !== other.json().refreshToken) return t.fail(`pair ${pair} has two successors`)
        current = one.json().refreshToken
      }
      t.same(await stateOf(accessToken), { generation: 200, ended: false })
      t.equal((await me(a, accessToken)).statusCode, 200)
    },

    async crowd(t: Test) {
      // As sign-in opens them, without the price of 200 passwords.
      const opened = () =>
        openSession(db, app.refreshTokens, { tenantId: a.id, memberId: a.owner.id, epoch: 0, methods: ['password'], userAgent: 'crowd', address: '' })
      const sessions = await Promise.all(Array.from({ length: 200 }, opened))
      const answers = await Promise.all(sessions.flatMap(({ refreshToken }) => [refresh(a, refreshToken), refresh(a, refreshToken, { on: copy })]))
      t.same([...new Set(answers.map(({ statusCode }) => statusCode))], [200])
      t.equal(new Set(answers.map((answer) => answer.json().refreshToken)).size, 200)
      const alive = await data.owner.query(`select 1 from sessions where generation = 1 and ended_at is null and user_agent = 'crowd'`)
      t.equal(alive.rowCount, 200)
    },
  }
}
