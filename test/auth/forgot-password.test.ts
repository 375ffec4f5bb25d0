import t from 'tap'
import { resetLife } from '../../src/auth/sessions/token-life.ts'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp } from '../app.ts'
import { outcome, withoutRequestId } from './auth-calls.ts'
import { accountCalls, openLimits, setLimits } from './minted.ts'
import { statementsOf, verbAndTable } from './statements.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { forgotPassword, resetPassword, mint, mailsTo, challengeRow } = accountCalls(tools)
const jobs = async () => (await data.owner.query('select count(*)::int as n from graphile_worker._private_jobs')).rows[0].n

t.test('an address that nobody has answers the same 202, with a challenge that is worth nothing, and no mail and no job', async (t) => {
  const stranger = await forgotPassword(a, { email: 'nobody@people.example' })
  t.equal(stranger.statusCode, 202)
  t.same(await mailsTo(a, 'nobody@people.example'), [])
  t.equal(await jobs(), 0)
  t.match(await challengeRow(stranger.json().challenge), { purpose: 'reset-password', member_id: null, payload: null })

  const known = await forgotPassword(a, { email: a.owner.email.toUpperCase(), language: 'en' })
  t.equal(known.statusCode, 202)
  t.same(Object.keys(known.json()), Object.keys(stranger.json()))
  t.same(Object.keys(known.headers).sort(), Object.keys(stranger.headers).sort())
  t.equal(known.headers['content-length'], stranger.headers['content-length'])
  const life = Date.parse(known.json().expiresAt) - Date.now()
  t.ok(life > (resetLife - 60) * 1000 && life <= resetLife * 1000, 'half an hour')
  const mails = await mailsTo(a, a.owner.email)
  t.equal(mails.length, 1)
  t.match(mails[0], { kind: 'reset-password', locale: 'en', challenge_id: known.json().challenge, variables: { name: 'Owner' } })
  t.equal(await jobs(), 1)
  t.match(await challengeRow(known.json().challenge), { member_id: a.owner.id, email_key: a.owner.email })
})

t.test('a challenge for nobody is worth nothing even if somebody guessed its token: 400', async (t) => {
  const answer = await forgotPassword(a, { email: 'nobody2@people.example' })
  const { token, code, challenge } = await mint(a, answer.json().challenge)
  t.equal(outcome(await resetPassword(a, { token, password: 'another password' })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await resetPassword(a, { challenge, code, password: 'another password' })), '400 CHALLENGE_INVALID')
})

t.test('a member of another site, and one that was deactivated, get no mail: 202', async (t) => {
  t.equal((await forgotPassword(b, { email: a.owner.email })).statusCode, 202)
  t.same(await mailsTo(b, a.owner.email), [])
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [b.owner.id])
  t.equal((await forgotPassword(b, { email: b.owner.email })).statusCode, 202)
  t.same(await mailsTo(b, b.owner.email), [])
  await data.owner.query(`update members set status = 'active' where id = $1`, [b.owner.id])
  t.equal((await forgotPassword(b, { email: b.owner.email })).statusCode, 202)
  t.equal((await mailsTo(b, b.owner.email)).length, 1, 'control')
})

t.test('known and unknown addresses cost the same statements, but for the last word on the mail', async (t) => {
  const asked = async (email: string) => statementsOf(app, async () => void t.equal((await forgotPassword(a, { email })).statusCode, 202))
  const ends = (texts: string[]) => texts.map((text) => text.replace(/^(release|rollback to) savepoint/, 'end of savepoint'))
  const [stranger, known, other] = [await asked('nobody3@people.example'), await asked(a.owner.email), await asked('nobody4@people.example')]
  t.equal(known.filter((text) => /^insert into .*mail_messages/i.test(text)).length, 1, 'control: they are seen')
  t.same(ends(stranger).map(verbAndTable), ends(known).map(verbAndTable))
  t.same(stranger, other)
})

t.test('anything but one address answers 400 REQUEST_INVALID', async (t) => {
  for (const body of [{}, { email: 'x' }, { email: 'no address' }, { email: ['a@x.example'] }, { email: 'a@x.example,b@x.example' }]) {
    t.equal(outcome(await forgotPassword(a, body)), '400 REQUEST_INVALID', JSON.stringify(body))
  }
  t.equal(outcome(await forgotPassword(a, { email: a.owner.email, tenantId: b.id })), '400 REQUEST_INVALID')
})

t.test('a second mail within the minute answers 429 RATE_LIMITED, for known and unknown addresses alike', async (t) => {
  const now = () => 1_000_000_000
  setLimits(t, app, { mailsSoon: createRateLimiter({ limit: 1, windowMs: 60_000, now }) })
  const refusals = []
  for (const email of [a.owner.email, 'nobody5@people.example']) {
    t.equal((await forgotPassword(a, { email })).statusCode, 202)
    const refused = await forgotPassword(a, { email })
    t.equal(outcome(refused), '429 RATE_LIMITED')
    t.equal(refused.headers['retry-after'], '60')
    refusals.push(withoutRequestId(refused))
  }
  t.same(refusals[1], refusals[0])
})
