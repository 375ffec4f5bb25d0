import t from 'tap'
import { createTestApp } from '../../app.ts'
import { freshNetwork, outcome } from '../auth-calls.ts'
import { Authenticator } from '../authenticator.ts'
import { factorCalls, totpCode } from '../factor-calls.ts'

const test = await createTestApp(t)
const { data, a, b } = test
const calls = factorCalls(test)
const { person, withPasskey, withTotp, passkeySignIn, sessionsOf, setPolicy, secondFactor, pendingOf } = calls

t.test('options for a passkey name nobody: the canonical host, no credentials, verification required: 200', async (t) => {
  await withPasskey(await person(a))
  const answer = await calls.post(a, '/v1/auth/passkey/options', undefined)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { options } = answer.json()
  t.match(options.challenge, /^[\w-]{43}$/)
  t.same(
    { ...options, challenge: '' },
    { challenge: '', rpId: 'site-a.example', timeout: 300_000, userVerification: 'required', allowCredentials: [] },
  )
})

t.test('a passkey signs in by itself, without the account being named, and is both factors: 200', async (t) => {
  t.teardown(() => setPolicy(a, {}))
  const who = await person(a)
  const { device } = await withPasskey(who)
  await setPolicy(a, { secondFactor: 'required' })
  const answer = await passkeySignIn(a, device)
  t.equal(answer.statusCode, 200)
  t.match((await calls.as(answer.json().accessToken, a).get('/v1/me')).json(), { id: who.id })
  t.same((await sessionsOf(who)).at(-1).methods, ['passkey'])
  t.equal((await passkeySignIn(a, device)).statusCode, 200, 'and again, with the next counter')
})

t.test('each check can fail by itself, and all answer one and the same 401 PASSKEY_INVALID', async (t) => {
  const who = await person(a)
  const { device } = await withPasskey(who)
  const other = new Authenticator(`https://${a.host}`)
  const misdeeds = {
    'an origin that is not the canonical one': { origin: 'https://www.site-a.example' },
    'the origin in http': { origin: 'http://site-a.example' },
    'another port': { origin: 'https://site-a.example:8443' },
    'another RP id': { rpId: 'site-b.example' },
    'a parent as RP id': { rpId: 'example' },
    'another challenge': { challenge: 'A'.repeat(43) },
    'no verification of the user': { userVerified: false },
    'nobody present': { userPresent: false },
    'a registration in place of a sign-in': { type: 'webauthn.create' },
    'a flipped bit': { flipped: true },
    'the handle of somebody else': { userHandle: Buffer.alloc(16).toString('base64url') },
    'no handle': { userHandle: null },
  }
  const bodies = []
  for (const [name, misdeed] of Object.entries(misdeeds)) {
    const answer = await passkeySignIn(a, device, misdeed)
    t.equal(outcome(answer), '401 PASSKEY_INVALID', name)
    bodies.push({ ...answer.json(), requestId: '' })
  }
  const unknown = await passkeySignIn(a, other)
  t.equal(outcome(unknown), '401 PASSKEY_INVALID', 'a credential that nobody has')
  bodies.push({ ...unknown.json(), requestId: '' })
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [who.id])
  const deactivated = await passkeySignIn(a, device)
  t.equal(outcome(deactivated), '401 PASSKEY_INVALID', 'a deactivated member')
  bodies.push({ ...deactivated.json(), requestId: '' })
  for (const body of bodies) t.same(body, bodies[0])
  await data.owner.query(`update members set status = 'active' where id = $1`, [who.id])
  t.equal((await passkeySignIn(a, device)).statusCode, 200, 'it works all the same')
})

t.test('a counter that stands still or goes back is a copied device: 401 PASSKEY_INVALID; one that never counts is none: 200', async (t) => {
  const { device } = await withPasskey(await person(a))
  t.equal((await passkeySignIn(a, device, { counter: 50 })).statusCode, 200)
  for (const counter of [50, 49, 1, 0]) t.equal(outcome(await passkeySignIn(a, device, { counter })), '401 PASSKEY_INVALID', String(counter))
  t.equal((await passkeySignIn(a, device, { counter: 51 })).statusCode, 200)
  const synced = await withPasskey(await person(a), { counts: false })
  for (let n = 0; n < 3; n++) t.equal((await passkeySignIn(a, synced.device)).statusCode, 200)
})

t.test('a challenge is good for one answer, right or wrong, and for five minutes: 401 PASSKEY_INVALID', async (t) => {
  const { device } = await withPasskey(await person(a))
  const ask = async () => (await calls.post(a, '/v1/auth/passkey/options', undefined)).json()
  const answer = (challenge: string, response: object) => calls.post(a, '/v1/auth/passkey', { challenge, response })
  const used = await ask()
  t.equal((await answer(used.challenge, device.get(used.options))).statusCode, 200)
  t.equal(outcome(await answer(used.challenge, device.get(used.options))), '401 PASSKEY_INVALID', 'after a right answer')
  const missed = await ask()
  t.equal(outcome(await answer(missed.challenge, device.get(missed.options, { flipped: true }))), '401 PASSKEY_INVALID')
  t.equal(outcome(await answer(missed.challenge, device.get(missed.options))), '401 PASSKEY_INVALID', 'after a wrong one')
  const late = await ask()
  await data.owner.query(`update passkey_challenges set expires_at = now() - interval '1 second' where id = $1`, [late.challenge])
  t.equal(outcome(await answer(late.challenge, device.get(late.options))), '401 PASSKEY_INVALID', 'a second late')
  const raced = await ask()
  const response = device.get(raced.options)
  const answers = await Promise.all(Array.from({ length: 20 }, () => answer(raced.challenge, response)))
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1, 'one of twenty at once')
  const elsewhere = (await calls.post(b, '/v1/auth/passkey/options', undefined)).json()
  t.equal(
    outcome(await answer(elsewhere.challenge, device.get({ ...elsewhere.options, rpId: 'site-a.example' }))),
    '401 PASSKEY_INVALID',
    "another site's",
  )
})

t.test('a passkey of another site is unknown here: 401 PASSKEY_INVALID', async (t) => {
  const { device } = await withPasskey(await person(b))
  t.equal((await passkeySignIn(b, device)).statusCode, 200, 'at its own')
  t.equal(outcome(await passkeySignIn(a, device)), '401 PASSKEY_INVALID')
  const { challenge, options } = (await calls.post(a, '/v1/auth/passkey/options', undefined)).json()
  const forged = device.get(options, { origin: `https://${a.host}` })
  t.equal(
    outcome(await calls.post(a, '/v1/auth/passkey', { challenge, response: forged })),
    '401 PASSKEY_INVALID',
    'also with the other origin and RP id',
  )
})

t.test('on an alias the passkey is that of the canonical host, and a page of the alias is refused: 401 PASSKEY_INVALID', async (t) => {
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'alias.example', 'verified')`, [a.id])
  const { device } = await withPasskey(await person(a))
  const alias = { host: 'alias.example' }
  t.equal((await calls.post(alias, '/v1/auth/passkey/options', undefined)).json().options.rpId, 'site-a.example')
  t.equal(outcome(await passkeySignIn(alias, device, { origin: 'https://alias.example' })), '401 PASSKEY_INVALID')
  t.equal((await passkeySignIn(alias, device)).statusCode, 200, 'the canonical page may call the alias')
})

t.test('where the site uses no passkeys all of their steps answer 403 PASSKEYS_OFF, and they count as no factor', async (t) => {
  t.teardown(() => setPolicy(a, {}))
  const who = await person(a)
  const { device, caller } = await withPasskey(who)
  const asked = (await calls.post(a, '/v1/auth/passkey/options', undefined)).json()
  const pending = await pendingOf(who)
  await setPolicy(a, { passkeys: false })
  t.equal(outcome(await calls.post(a, '/v1/auth/passkey/options', undefined)), '403 PASSKEYS_OFF')
  const response = device.get(asked.options)
  t.equal(outcome(await calls.post(a, '/v1/auth/passkey', { challenge: asked.challenge, response })), '403 PASSKEYS_OFF')
  t.equal(outcome(await caller.post('/v1/me/passkeys/options')), '403 PASSKEYS_OFF')
  t.equal(outcome(await calls.post(a, '/v1/auth/second-factor/options', { pending })), '403 PASSKEYS_OFF')
  t.equal(outcome(await secondFactor(a, { pending, passkey: { challenge: asked.challenge, response } })), '403 PASSKEYS_OFF')
  t.equal((await calls.byPassword(who)).statusCode, 200)
})

t.test('as second factor it answers a challenge of that very sign-in: 200', async (t) => {
  const who = await person(a)
  const { device } = await withPasskey(who)
  const [one, other] = [await pendingOf(who), await pendingOf(who)]
  const ask = async (pending: string) => (await calls.post(a, '/v1/auth/second-factor/options', { pending })).json()
  const asked = await ask(one)
  t.same(asked.options.allowCredentials, [{ type: 'public-key', id: device.id, transports: ['internal', 'hybrid'] }])
  const passkey = { challenge: asked.challenge, response: device.get(asked.options, { userHandle: null }) }
  t.equal(outcome(await secondFactor(a, { pending: other, passkey })), '401 SECOND_FACTOR_INVALID', 'in another sign-in')
  t.equal(outcome(await calls.post(a, '/v1/auth/passkey', passkey)), '401 PASSKEY_INVALID', 'as a sign-in of its own')
  const unverified = await ask(one)
  const weak = { challenge: unverified.challenge, response: device.get(unverified.options, { userVerified: false }) }
  t.equal(outcome(await secondFactor(a, { pending: one, passkey: weak })), '401 SECOND_FACTOR_INVALID')
  const strange = new Authenticator(`https://${a.host}`)
  const askedAgain = await ask(one)
  const others = { challenge: askedAgain.challenge, response: strange.get(askedAgain.options) }
  t.equal(outcome(await secondFactor(a, { pending: one, passkey: others })), '401 SECOND_FACTOR_INVALID')
  const right = await ask(one)
  const good = { challenge: right.challenge, response: device.get(right.options) }
  t.equal((await secondFactor(a, { pending: one, passkey: good })).statusCode, 200)
  t.same((await sessionsOf(who)).at(-1).methods, ['password', 'passkey'])
})

t.test("another member's passkey is no second factor: 401 SECOND_FACTOR_INVALID", async (t) => {
  const [who, other] = [await person(a), await person(a)]
  await withPasskey(who)
  const { device } = await withPasskey(other)
  const pending = await pendingOf(who)
  const asked = (await calls.post(a, '/v1/auth/second-factor/options', { pending })).json()
  const passkey = { challenge: asked.challenge, response: device.get(asked.options) }
  t.equal(outcome(await secondFactor(a, { pending, passkey })), '401 SECOND_FACTOR_INVALID')
  t.equal((await passkeySignIn(a, device)).statusCode, 200, 'for its own member it is good')
})

t.test('sign-ins by passkey count with the others of the network: 429 RATE_LIMITED', async (t) => {
  const { device } = await withPasskey(await person(a))
  const from = freshNetwork()
  for (let n = 0; n < 10; n++) t.equal((await passkeySignIn(a, device, {}, { from })).statusCode, 200)
  t.equal(outcome(await passkeySignIn(a, device, {}, { from })), '429 RATE_LIMITED')
})

t.test('bodies that are none of a browser answer 400 REQUEST_INVALID', async (t) => {
  const { device } = await withPasskey(await person(a))
  const { challenge, options } = (await calls.post(a, '/v1/auth/passkey/options', undefined)).json()
  const response = device.get(options)
  const odd = [
    { challenge, response: 'text' },
    { challenge, response: { ...response, id: [response.id] } },
    { challenge, response: { ...response, type: 'password' } },
    { challenge, response: { ...response, response: { ...response.response, signature: '' } } },
    { challenge, response: { ...response, response: { ...response.response, signature: 'not base64!' } } },
    { challenge, response: { ...response, tenantId: b.id } },
    { challenge: 'x', response },
    { challenge, response, memberId: a.owner.id },
  ]
  for (const body of odd) t.equal(outcome(await calls.post(a, '/v1/auth/passkey', body)), '400 REQUEST_INVALID', JSON.stringify(body).slice(0, 80))
  const garbage = { ...response.response, authenticatorData: 'AAAA', clientDataJSON: Buffer.from('[]').toString('base64url') }
  t.equal(outcome(await calls.post(a, '/v1/auth/passkey', { challenge, response: { ...response, response: garbage } })), '401 PASSKEY_INVALID')
})

t.test('a member with an app may sign in by passkey and owes nothing more: 200', async (t) => {
  const who = await person(a)
  const { device, caller } = await withPasskey(who)
  const { secret } = await withTotp(who, caller)
  t.equal((await passkeySignIn(a, device)).statusCode, 200)
  const first = (await calls.byPassword(who)).json()
  t.same(first.factors, ['totp', 'passkey', 'recovery-code'])
  t.equal(outcome(await secondFactor(a, { pending: first.pending, code: totpCode(secret) })), '200')
})
