import t from 'tap'
import { createTestApp } from '../app.ts'
import { authCalls, freshNetwork, outcome } from './auth-calls.ts'
import { accountCalls, openLimits } from './minted.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { me, signIn } = authCalls(app)
const { verifyEmail, confirmByLink, resetPassword, mailedSignUp, mailedReset, challengeRow, membersOf } = accountCalls(tools)
const memberOf = async (email: string) => (await membersOf(a)).find((member) => member.email === email)

let people = 0
const newAddress = () => `person${++people}@people.example`

t.test('the token and a password make a member with the role member, its address proven and that password alone: 200', async (t) => {
  const email = 'New.Person@people.example'
  const { challenge, token } = await mailedSignUp(a, email, { password: 'given at the sign-up', name: 'New Person' })
  const password = 'given at the link'
  t.equal(outcome(await signIn(a, { email, password: 'given at the sign-up' })), '401 AUTH_INVALID_CREDENTIALS', 'not before')
  const answer = await verifyEmail(a, { token, password })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same(answer.json(), { email })
  t.match(await memberOf(email), { email_key: 'new.person@people.example', name: 'New Person', status: 'active', epoch: 0, email_verified_at: Date })
  const row = await challengeRow(challenge)
  t.ok(row.spent_at)
  t.equal(row.payload, null, 'the hash is not kept twice')
  t.equal(outcome(await signIn(a, { email, password: 'given at the sign-up' })), '401 AUTH_INVALID_CREDENTIALS', 'nor after')
  const signedIn = await signIn(a, { email, password })
  t.equal(signedIn.statusCode, 200)
  t.match((await me(a, signedIn.json().accessToken)).json(), { email, name: 'New Person', roles: ['member'], permissions: [] })
})

t.test('the code makes one together with its challenge, and the password of the sign-up opens it: 200', async (t) => {
  const email = newAddress()
  const { challenge, code } = await mailedSignUp(a, email, { password: 'the very password' })
  t.match(code, /^\d{6}$/)
  t.same((await verifyEmail(a, { challenge, code })).json(), { email })
  t.ok(await memberOf(email))
  t.equal((await signIn(a, { email, password: 'the very password' })).statusCode, 200)
})

t.test('a guess at a token costs no hash, the right one costs one, a code none', async (t) => {
  const [linked, coded] = [await mailedSignUp(a, newAddress()), await mailedSignUp(a, newAddress())]
  const hash = t.capture(app.hasher, 'hash', app.hasher.hash)
  t.equal(outcome(await confirmByLink(a, 'A'.repeat(43))), '400 CHALLENGE_INVALID')
  t.equal(hash().length, 0)
  t.equal((await verifyEmail(a, { challenge: coded.challenge, code: coded.code })).statusCode, 200)
  t.equal(hash().length, 0)
  t.equal((await confirmByLink(a, linked.token)).statusCode, 200)
  t.equal(hash().length, 1)
})

t.test('a second use answers 400 CHALLENGE_INVALID, by token or by code', async (t) => {
  for (const first of ['token', 'code'] as const) {
    const { challenge, token, code } = await mailedSignUp(a, newAddress())
    const proofs = { token: () => confirmByLink(a, token), code: () => verifyEmail(a, { challenge, code }) }
    t.equal((await proofs[first]()).statusCode, 200)
    t.equal(outcome(await confirmByLink(a, token)), '400 CHALLENGE_INVALID')
    t.equal(outcome(await verifyEmail(a, { challenge, code })), '400 CHALLENGE_INVALID')
  }
})

t.test('of fifty uses of one token at once one answers 200 and makes one member', async (t) => {
  const email = newAddress()
  const { token } = await mailedSignUp(a, email)
  const answers = await Promise.all(Array.from({ length: 50 }, () => confirmByLink(a, token)))
  t.same(answers.map(outcome).sort(), ['200', ...Array(49).fill('400 CHALLENGE_INVALID')])
  t.equal((await membersOf(a)).filter((member) => member.email === email).length, 1)
})

t.test('of two sign-ups for one address that are proven at once one answers 200', async (t) => {
  for (let round = 0; round < 5; round++) {
    const email = newAddress()
    const mailed = [await mailedSignUp(a, email), await mailedSignUp(a, email), await mailedSignUp(a, email)]
    const answers = await Promise.all(mailed.map(({ token }) => confirmByLink(a, token)))
    t.same(answers.map(outcome).sort(), ['200', '400 CHALLENGE_INVALID', '400 CHALLENGE_INVALID'])
    t.equal((await membersOf(a)).filter((member) => member.email === email).length, 1)
  }
})

t.test('a second late answers 400 CHALLENGE_INVALID; in time 200', async (t) => {
  const move = (id: string, column: string, seconds: number) =>
    data.owner.query(`update email_challenges set ${column} = now() + make_interval(secs => $2) where id = $1`, [id, seconds])
  const { challenge, token, code } = await mailedSignUp(a, newAddress())
  await move(challenge, 'expires_at', -1)
  t.equal(outcome(await confirmByLink(a, token)), '400 CHALLENGE_INVALID')
  t.equal(outcome(await verifyEmail(a, { challenge, code })), '400 CHALLENGE_INVALID')
  await move(challenge, 'expires_at', 30)
  t.equal((await verifyEmail(a, { challenge, code })).statusCode, 200, 'control')

  const late = await mailedSignUp(a, newAddress())
  await move(late.challenge, 'code_expires_at', -1)
  t.equal(outcome(await verifyEmail(a, { challenge: late.challenge, code: late.code })), '400 CHALLENGE_INVALID', 'a code lives ten minutes')
  t.equal((await confirmByLink(a, late.token)).statusCode, 200, 'its link a day')
})

t.test('five wrong codes end the code, not the link; guesses at once are counted like guesses in turn', async (t) => {
  const { challenge, token, code } = await mailedSignUp(a, newAddress())
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
  for (let guess = 0; guess < 4; guess++) t.equal(outcome(await verifyEmail(a, { challenge, code: wrong })), '400 CHALLENGE_INVALID')
  const other = await mailedSignUp(a, newAddress())
  t.equal((await verifyEmail(a, { challenge: other.challenge, code: other.code })).statusCode, 200, 'another challenge has its own count')
  t.equal(outcome(await verifyEmail(a, { challenge, code: wrong })), '400 CHALLENGE_INVALID')
  t.equal((await challengeRow(challenge)).attempts, 5)
  t.equal(outcome(await verifyEmail(a, { challenge, code })), '400 CHALLENGE_INVALID', 'the right one is too late')
  t.equal((await confirmByLink(a, token)).statusCode, 200)

  const stormed = await mailedSignUp(a, newAddress())
  const guesses = Array.from({ length: 40 }, (_, at) => String((Number(stormed.code) + 1 + at) % 1_000_000).padStart(6, '0'))
  const answers = await Promise.all(guesses.map((guess) => verifyEmail(a, { challenge: stormed.challenge, code: guess })))
  t.same([...new Set(answers.map(outcome))], ['400 CHALLENGE_INVALID'])
  t.equal((await challengeRow(stormed.challenge)).attempts, 5)
  t.equal(outcome(await verifyEmail(a, { challenge: stormed.challenge, code: stormed.code })), '400 CHALLENGE_INVALID')

  const fourth = await mailedSignUp(a, newAddress())
  for (let guess = 0; guess < 4; guess++)
    await verifyEmail(a, { challenge: fourth.challenge, code: guesses[guess] === fourth.code ? '000000' : guesses[guess] })
  t.equal((await verifyEmail(a, { challenge: fourth.challenge, code: fourth.code })).statusCode, 200, 'the fifth try may be the right one')
})

t.test('a code is worth nothing for another address, and a guess at an address that is taken is counted the same', async (t) => {
  const [one, other] = [await mailedSignUp(a, newAddress()), await mailedSignUp(a, newAddress())]
  t.not(one.code, other.code)
  t.equal(outcome(await verifyEmail(a, { challenge: other.challenge, code: one.code })), '400 CHALLENGE_INVALID')
  const { signUp } = accountCalls(tools)
  const decoy = (await signUp(a, { email: a.owner.email, password: 'a password of mine', name: 'x' })).json().challenge
  for (let guess = 0; guess < 7; guess++) t.equal(outcome(await verifyEmail(a, { challenge: decoy, code: '123456' })), '400 CHALLENGE_INVALID')
  t.equal((await challengeRow(decoy)).attempts, 5)
  t.equal((await verifyEmail(a, { challenge: other.challenge, code: other.code })).statusCode, 200, 'control')
})

t.test('token and code of one site are worth nothing at another: 400, and they stay good at home', async (t) => {
  const email = newAddress()
  const { challenge, token, code } = await mailedSignUp(a, email)
  t.equal(outcome(await confirmByLink(b, token)), '400 CHALLENGE_INVALID')
  t.equal(outcome(await verifyEmail(b, { challenge, code })), '400 CHALLENGE_INVALID')
  t.equal((await challengeRow(challenge)).attempts, 0)
  t.equal((await membersOf(b)).length, 1, 'the owner alone')
  t.equal((await confirmByLink(a, token)).statusCode, 200, 'control')
})

t.test('what a mail for one purpose brings is worth nothing for another: 400', async (t) => {
  const sent = await mailedSignUp(a, newAddress())
  const password = 'another password'
  t.equal(outcome(await resetPassword(a, { token: sent.token, password })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await resetPassword(a, { challenge: sent.challenge, code: sent.code, password })), '400 CHALLENGE_INVALID')
  const reset = await mailedReset(a, a.owner.email)
  t.equal(outcome(await confirmByLink(a, reset.token)), '400 CHALLENGE_INVALID')
  t.equal(outcome(await verifyEmail(a, { challenge: reset.challenge, code: reset.code })), '400 CHALLENGE_INVALID')
  t.equal((await confirmByLink(a, sent.token)).statusCode, 200, 'control')
  t.equal((await resetPassword(a, { token: reset.token, password })).statusCode, 204, 'control')
})

t.test('an address that was taken meanwhile answers 400, and the member stays as it is', async (t) => {
  const email = newAddress()
  const [first, second] = [await mailedSignUp(a, email, { name: 'First' }), await mailedSignUp(a, email, { name: 'Second' })]
  t.equal((await confirmByLink(a, first.token)).statusCode, 200)
  t.equal(outcome(await verifyEmail(a, { challenge: second.challenge, code: second.code })), '400 CHALLENGE_INVALID')
  t.equal((await memberOf(email)).name, 'First')
})

t.test('anything but 43 signs and a password, or an id and six digits, answers 400 REQUEST_INVALID and tries nothing', async (t) => {
  const password = 'a password of mine'
  const { challenge, token, code } = await mailedSignUp(a, newAddress())
  const arabic = [...code].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join('')
  const bodies: Record<string, object> = {
    'a number': { challenge, code: Number(code) },
    'a list': { challenge, code: [code] },
    'Arabic digits': { challenge, code: arabic },
    'full-width digits': { challenge, code: [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('') },
    'five digits': { challenge, code: code.slice(1) },
    'seven digits': { challenge, code: `${code}0` },
    'a line end': { challenge, code: `${code}\n` },
    'an object': { challenge, code: { not: '' } },
    null: { challenge, code: null },
    'no challenge': { code },
    'an id in capitals': { challenge: challenge.toUpperCase(), code },
    'no id': { challenge: 'x', code },
    'a list of ids': { challenge: [challenge], code },
    'token and code': { token, password, challenge, code },
    'a list of tokens': { token: [token], password },
    'a short token': { token: token.slice(1), password },
    'a longer token': { token: `${token}=`, password },
    'a token of other signs': { token: `${token.slice(1)}+`, password },
    'a token without a password': { token },
    'an empty password': { token, password: '' },
    'a password of 1025': { token, password: 'x'.repeat(1025) },
    'a list of passwords': { token, password: [password] },
    'a code with a password': { challenge, code, password },
    'a role': { token, password, role: 'owner' },
    'a tenant': { token, password, tenantId: a.id },
    'an address': { token, password, email: 'evil@people.example' },
    nothing: {},
  }
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await verifyEmail(a, body)), '400 REQUEST_INVALID', title)
  t.equal((await challengeRow(challenge)).attempts, 0)
  t.equal(outcome(await confirmByLink(a, 'A'.repeat(43))), '400 CHALLENGE_INVALID', 'a guess')
  t.equal((await verifyEmail(a, { challenge, code })).statusCode, 200, 'control')
})

t.test('the thirty-first try of a minute from one network answers 429 RATE_LIMITED with Retry-After', async (t) => {
  const from = freshNetwork()
  for (let n = 0; n < 30; n++) t.equal((await confirmByLink(a, 'A'.repeat(43), { from })).statusCode, 400)
  const refused = await confirmByLink(a, 'A'.repeat(43), { from })
  t.equal(outcome(refused), '429 RATE_LIMITED')
  t.match(refused.headers['retry-after'], /^\d+$/)
})
