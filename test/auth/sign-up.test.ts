import t from 'tap'
import { signUpLife } from '../../src/auth/sessions/token-life.ts'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp } from '../app.ts'
import { authCalls, freshNetwork, outcome, withoutRequestId } from './auth-calls.ts'
import { accountCalls, openLimits, setLimits } from './minted.ts'
import { statementsOf, verbAndTable } from './statements.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { post, signIn } = authCalls(app)
const { signUp, verifyEmail, confirmByLink, mailedSignUp, mint, challengeRow, mailsTo, membersOf } = accountCalls(tools)
const right = { email: 'ana@people.example', password: 'a password of mine', name: 'Ana Maria' }
const json = { headers: { 'content-type': 'application/json' } }
const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } }

t.test('a sign-up answers 202 with a challenge for a day, and makes no member but a challenge and a mail', async (t) => {
  const before = Date.now()
  const answer = await signUp(a, { ...right, language: 'fr' })
  t.equal(answer.statusCode, 202)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same(Object.keys(answer.json()).sort(), ['challenge', 'expiresAt'])
  const { challenge, expiresAt } = answer.json()
  const life = Date.parse(expiresAt) - before
  t.ok(life >= signUpLife * 1000 && life < signUpLife * 1000 + 60_000)
  const row = await challengeRow(challenge)
  t.match(row, { tenant_id: a.id, purpose: 'sign-up', email_key: right.email, member_id: null, token_hash: null, spent_at: null })
  t.same(Object.keys(row.payload).sort(), ['email', 'hash', 'name'])
  t.match(row.payload.hash, /^\$argon2id\$/)
  t.notMatch(JSON.stringify(row), right.password)
  const mails = await mailsTo(a, right.email)
  t.equal(mails.length, 1)
  t.match(mails[0], { kind: 'verify-email', locale: 'fr', challenge_id: challenge, status: 'queued', variables: {} })
  t.equal(mails[0].expires_at.toISOString(), expiresAt, 'a mail whose link is over is not sent')
  t.equal((await membersOf(a)).length, 1, 'the owner alone')
  t.equal((await mailsTo(b, right.email)).length, 0)
})

t.test('the mail is in the site’s language, whatever the browser is set to, unless the caller names another', async (t) => {
  await signUp(a, { ...right, email: 'plain@people.example' }, { headers: { 'accept-language': 'en' } })
  t.equal((await mailsTo(a, 'plain@people.example'))[0].locale, 'pt')
})

t.test('an address that is taken gets the same 202, a mail that says so, and a challenge that is never worth anything', async (t) => {
  const free = await signUp(a, { ...right, email: 'free@people.example' })
  const taken = await signUp(a, { ...right, email: a.owner.email })
  t.equal(taken.statusCode, free.statusCode)
  t.same(Object.keys(taken.json()), Object.keys(free.json()))
  t.same(Object.keys(taken.headers).sort(), Object.keys(free.headers).sort())
  t.equal(taken.headers['content-length'], free.headers['content-length'])
  const mails = await mailsTo(a, a.owner.email)
  t.equal(mails.length, 1)
  t.match(mails[0], { kind: 'sign-up-again', challenge_id: null, variables: {} })
  t.equal((await challengeRow(taken.json().challenge)).payload, null)
  const secrets = await mint(a, taken.json().challenge)
  t.equal(outcome(await confirmByLink(a, secrets.token)), '400 CHALLENGE_INVALID', 'even if it had been minted')
  t.equal((await membersOf(a)).length, 1)
})

t.test('known and unknown addresses cost one hash and the same statements', async (t) => {
  const hash = t.capture(app.hasher, 'hash', app.hasher.hash)
  const asked = async (email: string) => statementsOf(app, async () => void t.equal((await signUp(a, { ...right, email })).statusCode, 202))
  const [stranger, known] = [await asked('work@people.example'), await asked(a.owner.email.toUpperCase())]
  t.equal(hash().length, 2)
  t.equal(known.filter((text) => /^insert into .*mail_messages/i.test(text)).length, 1, 'control: they are seen')
  t.same(stranger.map(verbAndTable), known.map(verbAndTable))
})

t.test('somebody who signs up with a stranger’s address beforehand gains nothing: who reads the mail decides', async (t) => {
  const email = 'victim@people.example'
  const thief = await mailedSignUp(a, email, { password: 'known to the thief', name: 'Somebody' })
  const own = await mailedSignUp(a, email, { password: 'known to the owner', name: 'Victim' })
  t.not(thief.challenge, own.challenge)
  t.same((await verifyEmail(a, { challenge: own.challenge, code: own.code })).json(), { email })
  t.equal(outcome(await confirmByLink(a, thief.token)), '400 CHALLENGE_INVALID', 'the address is taken now')
  t.equal((await challengeRow(thief.challenge)).payload, null, 'and the hash of the thief is gone')
  t.equal(outcome(await signIn(a, { email, password: 'known to the thief' })), '401 AUTH_INVALID_CREDENTIALS')
  t.equal((await signIn(a, { email, password: 'known to the owner' })).statusCode, 200)
})

t.test('whose own sign-up is held up by a stranger’s gains by the stranger’s mail: the password is chosen at its link', async (t) => {
  const email = 'held-up@people.example'
  const now = () => 1_000_000_000
  setLimits(t, app, { mailsSoon: createRateLimiter({ limit: 1, windowMs: 60_000, now }) })
  const { challenge } = (await signUp(a, { email, password: 'known to the thief', name: 'Somebody' })).json()
  t.equal(outcome(await signUp(a, { email, password: 'known to the owner', name: 'Victim' })), '429 RATE_LIMITED')
  t.same(
    (await mailsTo(a, email)).map((mail) => mail.challenge_id),
    [challenge],
    'there is one mail, and the thief asked for it',
  )
  const { token } = await mint(a, challenge)
  t.equal(outcome(await verifyEmail(a, { token })), '400 REQUEST_INVALID', 'the link alone makes no account')
  t.equal((await verifyEmail(a, { token, password: 'known to the owner' })).statusCode, 200)
  t.equal(outcome(await signIn(a, { email, password: 'known to the thief' })), '401 AUTH_INVALID_CREDENTIALS')
  t.equal((await signIn(a, { email, password: 'known to the owner' })).statusCode, 200)
})

t.test('one address in other letters is one member', async (t) => {
  const forms = ['josé.kelvin@people.example', 'jose\u0301.\u212aelvin@people.example', 'JOSÉ.KELVIN@PEOPLE.EXAMPLE', 'ｊosé.kelvin@people.example']
  const before = (await membersOf(a)).length
  const mailed = []
  for (const email of forms) mailed.push(await mailedSignUp(a, email))
  const codes = []
  for (const { token } of mailed) codes.push((await confirmByLink(a, token)).statusCode)
  t.same(codes, [200, 400, 400, 400])
  t.equal((await membersOf(a)).length, before + 1)
  const again = await signUp(a, { ...right, email: forms[1] })
  t.equal((await challengeRow(again.json().challenge)).payload, null, 'known in any form')
  const lookAlike = await mailedSignUp(a, 'jоsé.kelvin@people.example')
  t.equal((await confirmByLink(a, lookAlike.token)).statusCode, 200, 'a Cyrillic letter makes it another address')
  t.equal((await membersOf(a)).length, before + 2)
})

t.test('anything but an address, a password and a name of one line answers 400 REQUEST_INVALID, and writes nothing', async (t) => {
  const rows = async () =>
    (await data.owner.query('select (select count(*) from email_challenges) + (select count(*) from mail_messages) as n')).rows[0].n
  const before = await rows()
  const bodies: Record<string, object> = {
    'an empty password': { ...right, password: '' },
    'a password of 1025': { ...right, password: 'x'.repeat(1025) },
    'a role': { ...right, role: 'owner' },
    roles: { ...right, roles: ['owner'] },
    'a tenant': { ...right, tenantId: b.id },
    'a verified address': { ...right, emailVerifiedAt: '2026-01-01T00:00:00Z' },
    'a transport': { ...right, transport: 'cookie' },
    'a name with a line end': { ...right, name: 'Ana\r\nBcc: evil@people.example' },
    'a name with a new line': { ...right, name: 'Ana\nMaria' },
    'a name with a line separator': { ...right, name: 'Ana\u2028Maria' },
    'a name that turns direction': { ...right, name: 'Ana \u202eairaM' },
    'a name of blanks': { ...right, name: '   ' },
    'no name': { ...right, name: '' },
    'a name of 201': { ...right, name: 'x'.repeat(201) },
    'a name of few signs and many code points': { ...right, name: `x${'\u0301'.repeat(300)}` },
    'an object for the address': { ...right, email: { not: '' } },
    'two addresses': { ...right, email: 'a@x.example,b@x.example' },
    'a display name': { ...right, email: 'Ana <ana@x.example>' },
    'a line end in the address': { ...right, email: 'ana@x.example\r\nBcc: evil@x.example' },
    'no address': { ...right, email: 'ana' },
    'an address of 255': { ...right, email: `${'x'.repeat(60)}@${'y'.repeat(60)}.${'z'.repeat(60)}.${'w'.repeat(60)}.exampleexample` },
    'a number for the password': { ...right, password: 1234567890 },
    nothing: {},
  }
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await signUp(a, body)), '400 REQUEST_INVALID', title)
  t.equal(outcome(await post(a, '/v1/auth/sign-up', JSON.stringify({ ...right, padding: 'x'.repeat(17000) }), json)), '413 BODY_TOO_LARGE')
  t.equal(outcome(await post(a, '/v1/auth/sign-up', 'email=a', form)), '415 CONTENT_TYPE_UNSUPPORTED')
  t.equal(await rows(), before)
  for (const more of [
    { password: 'ten signs!' },
    { password: 'a battery '.repeat(13).slice(0, 128) },
    { name: 'é'.repeat(200) },
    { name: 'O’Brien-Ndiaye 2' },
  ]) {
    t.equal((await signUp(a, { ...right, ...more })).statusCode, 202, JSON.stringify(more))
  }
})

t.test(
  'limits: one mail a minute and five an hour to an address, for known and unknown ones alike; ten requests a minute from a network',
  async (t) => {
    let clock = 1_000_000_000
    const now = () => clock
    const minute = 60_000
    setLimits(t, app, {
      mailsSoon: createRateLimiter({ limit: 1, windowMs: minute, now }),
      mailsHourly: createRateLimiter({ limit: 5, windowMs: 60 * minute, now }),
    })
    const refusals = []
    for (const email of ['limits@people.example', a.owner.email]) {
      t.equal((await signUp(a, { ...right, email })).statusCode, 202)
      clock += 20_000
      const soon = await signUp(a, { ...right, email: email.toUpperCase() })
      t.equal(outcome(soon), '429 RATE_LIMITED', email)
      t.equal(soon.headers['retry-after'], '40')
      refusals.push(withoutRequestId(soon))
      t.equal((await signUp(b, { ...right, email })).statusCode, 202, 'another site counts for itself')
      for (let mail = 2; mail <= 5; mail++) {
        clock += minute
        t.equal((await signUp(a, { ...right, email })).statusCode, 202, `mail ${mail}`)
      }
      clock += minute
      t.equal(outcome(await signUp(a, { ...right, email })), '429 RATE_LIMITED', 'the sixth of the hour')
      clock += 60 * minute
      t.equal((await signUp(a, { ...right, email })).statusCode, 202, 'after the hour')
      clock += 60 * minute
    }
    t.same(refusals[1], refusals[0])

    const from = freshNetwork()
    for (let n = 0; n < 10; n++) t.equal((await signUp(a, { ...right, email: `n${n}@people.example` }, { from })).statusCode, 202)
    t.equal(outcome(await signUp(a, { ...right, email: 'n11@people.example' }, { from })), '429 RATE_LIMITED')
    t.equal((await signUp(a, { ...right, email: 'n11@people.example' })).statusCode, 202, 'from elsewhere')
  },
)

t.test('a sign-up that a foreign page sends answers 403 ORIGIN_REFUSED', async (t) => {
  const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  t.equal(outcome(await signUp(a, right, { headers })), '403 ORIGIN_REFUSED')
})
