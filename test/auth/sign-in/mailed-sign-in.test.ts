import t from 'tap'
import { mailedSignInLife } from '../../../src/auth/sessions/token-life.ts'
import { createRateLimiter } from '../../../src/security/rate-limiter.ts'
import { createTestApp, password, type TestSite } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, claimsOf, cookieHeader, outcome, withoutRequestId } from '../auth-calls.ts'
import { accountCalls, openLimits, setLimits } from '../minted.ts'
import { sessionTools, sidOf } from '../sessions/session-calls.ts'
import { statementsOf, verbAndTable } from '../statements.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b, another } = tools
const copy = await another({ limits: openLimits() })
const { post, me, signIn, send } = authCalls(app)
const { mint, mailsTo, challengeRow } = accountCalls(tools)
const { addMember, eventsOf } = sessionTools(tools)
const ask = (site: TestSite, body: object, options?: Parameters<typeof post>[3]) => post(site, '/v1/auth/mailed-sign-in', body, options)
const complete = (site: TestSite, body: object, options?: Parameters<typeof post>[3]) => post(site, '/v1/auth/mailed-sign-in/complete', body, options)
const jobs = async () => (await data.owner.query('select count(*)::int as n from graphile_worker._private_jobs')).rows[0].n
const invalid = '400 CHALLENGE_INVALID'
let members = 0

/** A member whose mail has been sent. */
async function asked(site = a) {
  const email = `mailed${++members}@people.example`
  const id = await addMember(site, email)
  return { id, email, ...(await mint(site, (await ask(site, { email })).json().challenge)) }
}

t.test('an address that nobody has answers the same 202, with a challenge that is worth nothing, and no mail and no job', async (t) => {
  const stranger = await ask(a, { email: 'nobody@people.example' })
  t.equal(stranger.statusCode, 202)
  t.same(await mailsTo(a, 'nobody@people.example'), [])
  t.equal(await jobs(), 0)
  const known = await ask(a, { email: a.owner.email.toUpperCase(), language: 'en' })
  t.equal(known.statusCode, 202)
  t.same(Object.keys(known.json()), Object.keys(stranger.json()))
  t.same(Object.keys(known.headers).sort(), Object.keys(stranger.headers).sort())
  t.equal(known.headers['content-length'], stranger.headers['content-length'])
  const life = Date.parse(known.json().expiresAt) - Date.now()
  t.ok(life > (mailedSignInLife - 60) * 1000 && life <= mailedSignInLife * 1000, 'ten minutes')
  t.match(await mailsTo(a, a.owner.email), [{ kind: 'sign-in', locale: 'en', challenge_id: known.json().challenge, variables: {} }])
  t.equal(await jobs(), 1)
  const { token, code, challenge } = await mint(a, stranger.json().challenge)
  t.equal(outcome(await complete(a, { token })), invalid)
  t.equal(outcome(await complete(a, { challenge, code })), invalid)
})

t.test('the mail speaks the language that the member chose, whatever the front end wishes', async (t) => {
  const email = `mailed${++members}@people.example`
  const id = await addMember(a, email)
  await data.owner.query(`update members set language = 'fr' where id = $1`, [id])
  t.equal((await ask(a, { email, language: 'en' })).statusCode, 202)
  t.match(await mailsTo(a, email), [{ kind: 'sign-in', locale: 'fr' }])
})

t.test('known and unknown addresses cost the same statements, but for the last word on the mail', async (t) => {
  const seen = async (email: string) => statementsOf(app, async () => void t.equal((await ask(a, { email })).statusCode, 202))
  const ends = (texts: string[]) => texts.map((text) => text.replace(/^(release|rollback to) savepoint/, 'end of savepoint'))
  const [stranger, known] = [await seen('nobody2@people.example'), await seen(a.owner.email)]
  t.equal(known.filter((text) => /^insert into .*mail_messages/i.test(text)).length, 1, 'control: they are seen')
  t.same(ends(stranger).map(verbAndTable), ends(known).map(verbAndTable))
})

t.test('the link answers 200 with a session of the method email-link, once, and proves the address', async (t) => {
  const { id, email, token } = await asked()
  await data.owner.query('update members set email_verified_at = null where id = $1', [id])
  const answer = await complete(a, { token })
  t.equal(answer.statusCode, 200)
  t.match((await me(a, answer.json().accessToken)).json(), { id, email })
  t.same(claimsOf(answer.json().accessToken).claims.amr, ['mca'])
  t.ok((await data.owner.query('select email_verified_at from members where id = $1', [id])).rows[0].email_verified_at)
  t.match(
    (await eventsOf('session.opened')).find(({ target }) => target === sidOf(answer.json().accessToken)),
    { details: { methods: ['email-link'] } },
  )
  t.equal(outcome(await complete(a, { token })), invalid)
})

t.test('the code works with its own challenge alone, by cookie too: 200', async (t) => {
  const [mine, other] = [await asked(), await asked()]
  t.equal(outcome(await complete(a, { challenge: other.challenge, code: mine.code })), invalid)
  const answer = await complete(a, { challenge: mine.challenge, code: mine.code, transport: 'cookie' })
  t.equal(answer.statusCode, 200)
  t.same(Object.keys(answer.json()).sort(), ['accessToken', 'expiresIn', 'tokenType'])
  t.match((await send(a, { url: '/v1/me' }, { headers: { cookie: cookieHeader(answer) } })).json(), { id: mine.id })
  t.match((await eventsOf('session.opened')).at(-1), { details: { methods: ['email-code'] } })
  t.equal(outcome(await complete(a, { token: mine.token })), invalid, 'the link is spent with it')
})

t.test('one token 50 times in parallel, on two copies, makes one session', async (t) => {
  const { id, token } = await asked()
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => complete(a, { token }, { on: n % 2 ? app : copy })))
  const won = answers.filter(({ statusCode }) => statusCode === 200)
  t.equal(won.length, 1)
  for (const answer of answers)
    if (answer.statusCode !== 200) t.ok([invalid, '503 OVERLOADED', '503 DATABASE_UNAVAILABLE'].includes(outcome(answer)), outcome(answer))
  t.equal((await data.owner.query('select 1 from sessions where member_id = $1', [id])).rowCount, 1)
})

t.test('the sixth code is refused though it is right: 400', async (t) => {
  const { challenge, code } = await asked()
  for (let n = 0; n < 5; n++) t.equal(outcome(await complete(a, { challenge, code: code === '000000' ? '000001' : '000000' })), invalid)
  t.equal(outcome(await complete(a, { challenge, code })), invalid)
})

t.test('a second late, after the address changed, after deactivation, at another site or for another purpose: 400', async (t) => {
  const late = await asked()
  await data.owner.query(`update email_challenges set expires_at = now() - interval '1 second' where id = $1`, [late.challenge])
  const moved = await asked()
  await data.owner.query(`update members set email_key = 'moved@people.example' where id = $1`, [moved.id])
  const gone = await asked()
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [gone.id])
  for (const { token, challenge, code } of [late, moved, gone]) {
    t.equal(outcome(await complete(a, { token })), invalid)
    t.equal(outcome(await complete(a, { challenge, code })), invalid)
  }
  t.notOk((await challengeRow(gone.challenge)).spent_at, 'what is refused is not spent')
  await data.owner.query(`update members set status = 'active' where id = $1`, [gone.id])
  t.equal((await complete(a, { token: gone.token })).statusCode, 200, 'control')
  const mine = await asked()
  t.equal(outcome(await complete(b, { token: mine.token })), invalid)
  t.equal(outcome(await post(a, '/v1/auth/reset-password', { token: mine.token, password: 'another password' })), invalid)
  t.equal((await complete(a, { token: mine.token })).statusCode, 200, 'control')
})

t.test('codes in any other shape answer 400 REQUEST_INVALID', async (t) => {
  const { challenge, code, token } = await asked()
  for (const odd of [Number(code), [code], `${code} `, '١٢٣٤٥٦', '１２３４５６', { not: '' }, null]) {
    t.equal(outcome(await complete(a, { challenge, code: odd })), '400 REQUEST_INVALID', JSON.stringify(odd))
  }
  for (const odd of [{ token: `${token}=` }, { token, challenge, code }, { token, memberId: a.owner.id }, { code }, {}]) {
    t.equal(outcome(await complete(a, odd)), '400 REQUEST_INVALID', Object.keys(odd).join())
  }
  for (const body of [{}, { email: 'no address' }, { email: ['a@x.example'] }, { email: a.owner.email, tenantId: b.id }]) {
    t.equal(outcome(await ask(a, body)), '400 REQUEST_INVALID', JSON.stringify(body))
  }
})

t.test('a site that does not want it answers 403 MAILED_SIGN_IN_OFF, also to a link of before', async (t) => {
  const { token } = await asked()
  const { owner } = data
  await owner.query('insert into auth_policies (tenant_id, mailed_sign_in) values ($1, false)', [a.id])
  await eventually(t, 'the policy is known', async () => outcome(await ask(a, { email: a.owner.email })) === '403 MAILED_SIGN_IN_OFF')
  t.equal(outcome(await complete(a, { token })), '403 MAILED_SIGN_IN_OFF')
  await owner.query('delete from auth_policies where tenant_id = $1', [a.id])
  await eventually(t, 'it signs in', async () => (await complete(a, { token })).statusCode === 200)
})

t.test('a mail that was read ends the delay after wrong passwords', async (t) => {
  const { email, token } = await asked()
  for (let n = 0; n < 5; n++) await signIn(a, { email, password: 'wrong' })
  t.equal(outcome(await signIn(a, { email, password })), '429 RATE_LIMITED')
  t.equal((await complete(a, { token })).statusCode, 200)
  t.equal((await signIn(a, { email, password })).statusCode, 200)
})

t.test('a mail that still leaves a second factor owed lifts no lock of the password: who reads the mail alone must not', async (t) => {
  const { id, email, token } = await asked()
  await data.owner.query(
    `insert into totp_factors (tenant_id, id, member_id, name, sealed_secret, confirmed_at) values ($1, gen_random_uuid(), $2, 'Phone', 'x', now())`,
    [a.id, id],
  )
  for (let n = 0; n < 6; n++) await signIn(a, { email, password: 'not the password' })
  t.equal(outcome(await signIn(a, { email, password })), '429 RATE_LIMITED', 'control')
  t.equal(outcome(await complete(a, { token })), '202')
  t.equal(outcome(await signIn(a, { email, password })), '429 RATE_LIMITED')
})

t.test('a second mail within the minute answers 429 RATE_LIMITED, for known and unknown addresses alike', async (t) => {
  setLimits(t, app, { mailsSoon: createRateLimiter({ limit: 1, windowMs: 60_000, now: () => 1_000_000_000 }) })
  const refusals = []
  for (const email of [a.owner.email, 'nobody5@people.example']) {
    t.equal((await ask(a, { email })).statusCode, 202)
    const refused = await ask(a, { email })
    t.equal(outcome(refused), '429 RATE_LIMITED')
    refusals.push(withoutRequestId(refused))
  }
  t.same(refusals[1], refusals[0])
})
