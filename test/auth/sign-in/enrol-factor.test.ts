import t from 'tap'
import { createTestApp } from '../../app.ts'
import { outcome } from '../auth-calls.ts'
import { Authenticator } from '../authenticator.ts'
import { factorCalls, type Person, totpCode, wrongCode } from '../factor-calls.ts'

const test = await createTestApp(t)
const { data, a, b } = test
const calls = factorCalls(test)
const { person, byPassword, pendingOf, post, secondFactor, sessionsOf, setPolicy } = calls
await setPolicy(a, { secondFactor: 'required' })

const begin = async (who: Person) => {
  const answer = await byPassword(who)
  t.match(answer.json(), { enrol: true, factors: ['totp', 'passkey'] })
  return answer.json().pending
}
const setUp = async (pending: string) => (await post(a, '/v1/auth/second-factor/totp', { pending })).json()
const confirm = (pending: string, code: string) => post(a, '/v1/auth/second-factor/totp/confirm', { pending, code })

t.test('who has no factor where one is required sets up an app in the sign-in: tokens and ten recovery codes, 200', async (t) => {
  const who = await person(a)
  const pending = await begin(who)
  const { secret, uri, qr } = await setUp(pending)
  t.match(secret, /^[A-Z2-7]{32}$/, '160 bits')
  t.match(uri, `secret=${secret}`)
  t.match(qr, /^<svg/)
  t.equal((await setUp(pending)).secret, secret, 'the page opened again shows the same')
  // The same text later on, whichever half minute that is.
  const code = totpCode(secret)
  const answer = await confirm(pending, code)
  t.equal(answer.statusCode, 200)
  const { recoveryCodes, accessToken } = answer.json()
  t.equal(new Set(recoveryCodes).size, 10)
  t.match((await calls.as(accessToken, a).get('/v1/me/factors')).json(), { required: true, totp: [{ name: 'Authenticator' }], recoveryCodesLeft: 10 })
  t.same((await sessionsOf(who)).at(-1).methods, ['password', 'totp'])
  t.match((await calls.eventsOf(who)).map(({ action }) => action).sort(), ['factor.added', 'factor.recovery-codes-made', 'session.opened'])
  t.equal((await calls.mailsTo(who)).length, 1)
  t.equal(outcome(await confirm(pending, totpCode(secret, Date.now() + 30_000))), '401 PENDING_INVALID', 'the sign-in is over')
  const next = (await byPassword(who)).json()
  t.same([next.enrol, next.factors], [false, ['totp', 'recovery-code']], 'from now on it is asked for')
  t.equal(outcome(await secondFactor(a, { pending: next.pending, code })), '401 SECOND_FACTOR_INVALID', 'the confirming code is spent')
  const { rows } = await data.owner.query('select sealed_secret from totp_factors where member_id = $1', [who.id])
  t.notOk(rows[0].sealed_secret.includes(secret))
})

t.test('likewise by a passkey: 200', async (t) => {
  const who = await person(a)
  const pending = await begin(who)
  const { challenge, options } = (await post(a, '/v1/auth/second-factor/passkey-options', { pending })).json()
  t.match(options, { rp: { id: 'site-a.example', name: 'Name of site-a' }, user: { name: who.email }, attestation: 'none' })
  const device = new Authenticator(`https://${a.host}`)
  const other = await begin(who)
  const body = { challenge, response: device.create(options), name: 'Phone' }
  t.equal(outcome(await post(a, '/v1/auth/second-factor/passkey', { ...body, pending: other })), '400 PASSKEY_REFUSED', 'in another sign-in')
  const asked = (await post(a, '/v1/auth/second-factor/passkey-options', { pending })).json()
  const made = { challenge: asked.challenge, response: device.create(asked.options), name: 'Phone', pending }
  const answer = await post(a, '/v1/auth/second-factor/passkey', made)
  t.equal(answer.statusCode, 200)
  t.equal(answer.json().recoveryCodes.length, 10)
  t.same((await sessionsOf(who)).at(-1).methods, ['password', 'passkey'])
  t.equal((await calls.passkeySignIn(a, device)).statusCode, 200)
})

t.test('of two sign-ins that each set up an app the first wins: the other answers 401 PENDING_INVALID', async (t) => {
  const who = await person(a)
  const [mine, thief] = [await begin(who), await begin(who)]
  const [secret, other] = [(await setUp(mine)).secret, (await setUp(thief)).secret]
  t.equal((await confirm(mine, totpCode(secret))).statusCode, 200)
  t.equal(outcome(await confirm(thief, totpCode(other))), '401 PENDING_INVALID')
  const { rows } = await data.owner.query('select id from totp_factors where member_id = $1', [who.id])
  t.equal(rows.length, 1)
})

t.test('confirmed 20 times at once there is one session and one app', async (t) => {
  const who = await person(a)
  const pending = await begin(who)
  const { secret } = await setUp(pending)
  const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(pending, totpCode(secret))))
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1, [...new Set(answers.map(outcome))].join())
  t.equal((await sessionsOf(who)).length, 1)
})

t.test('five wrong codes void it, and a code before there is a secret is refused: 401', async (t) => {
  const who = await person(a)
  const early = await begin(who)
  t.equal(outcome(await confirm(early, '123456')), '401 PENDING_INVALID')
  const pending = await begin(who)
  const { secret } = await setUp(pending)
  for (let n = 0; n < 5; n++) t.equal(outcome(await confirm(pending, wrongCode(secret))), '401 SECOND_FACTOR_INVALID')
  t.equal(outcome(await confirm(pending, totpCode(secret))), '401 PENDING_INVALID')
})

t.test('a member who has a factor cannot set up another by the password alone: 401 PENDING_INVALID', async (t) => {
  const who = await person(b)
  const { secret } = await calls.withTotp(who)
  const pending = await pendingOf(who)
  for (const url of ['totp', 'passkey-options']) {
    t.equal(outcome(await post(b, `/v1/auth/second-factor/${url}`, { pending })), '401 PENDING_INVALID', url)
  }
  t.equal((await secondFactor(b, { pending, code: totpCode(secret) })).statusCode, 200, 'showing it is the way')
})
