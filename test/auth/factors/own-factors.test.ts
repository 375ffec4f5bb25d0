import t from 'tap'
import { createTestApp } from '../../app.ts'
import { outcome } from '../auth-calls.ts'
import { Authenticator } from '../authenticator.ts'
import { factorCalls, totpCode, wrongCode } from '../factor-calls.ts'

const test = await createTestApp(t)
const { data, a, b } = test
const calls = factorCalls(test)
const { person, enter, withTotp, withPasskey, addPasskey, setPolicy } = calls

t.test('an app counts once its first code is confirmed: 201, 200, and then the list shows it', async (t) => {
  const who = await person(a)
  const caller = await enter(who)
  const started = await caller.post('/v1/me/totp', { name: 'Telefone' })
  t.equal(started.statusCode, 201)
  t.equal(started.headers['cache-control'], 'no-store')
  const { id, secret, uri } = started.json()
  t.match(decodeURIComponent(uri), `Name of site-a:${who.email}`)
  t.same((await caller.get('/v1/me/factors')).json(), { required: false, totp: [], passkeys: [], recoveryCodesLeft: 0 })
  t.equal((await calls.byPassword(who)).statusCode, 200, 'nothing is owed yet')
  t.equal(outcome(await caller.post(`/v1/me/totp/${id}/confirm`, { code: wrongCode(secret) })), '400 FACTOR_CODE_INVALID')
  for (const code of [123456, ['123456'], '٠١٢٣٤٥']) t.equal(outcome(await caller.post(`/v1/me/totp/${id}/confirm`, { code })), '400 REQUEST_INVALID')
  const confirmed = await caller.post(`/v1/me/totp/${id}/confirm`, { code: totpCode(secret) })
  t.equal(confirmed.statusCode, 200)
  t.equal(confirmed.json().recoveryCodes.length, 10, 'the first factor brings recovery codes')
  t.match((await caller.get('/v1/me/factors')).json(), { totp: [{ id, name: 'Telefone', lastUsedAt: null }], recoveryCodesLeft: 10 })
  t.equal(outcome(await caller.post(`/v1/me/totp/${id}/confirm`, { code: totpCode(secret) })), '404 FACTOR_UNKNOWN', 'it is confirmed once')
  const second = await caller.post('/v1/me/totp')
  const again = await caller.post(`/v1/me/totp/${second.json().id}/confirm`, { code: totpCode(second.json().secret) })
  t.same(again.json(), { id: second.json().id }, 'the second one brings none')
  t.match(
    (await calls.mailsTo(who)).map(({ variables }) => variables.change),
    ['Foi acrescentada à sua conta uma aplicação de autenticação.', 'Foi acrescentada à sua conta uma aplicação de autenticação.'],
  )
})

t.test('one that was begun anew, ten minutes ago or by somebody else answers 404 FACTOR_UNKNOWN', async (t) => {
  const caller = await enter(await person(a))
  const [old, late] = [(await caller.post('/v1/me/totp')).json(), (await caller.post('/v1/me/totp')).json()]
  t.equal(outcome(await caller.post(`/v1/me/totp/${old.id}/confirm`, { code: totpCode(old.secret) })), '404 FACTOR_UNKNOWN')
  await data.owner.query(`update totp_factors set created_at = now() - interval '601 seconds' where id = $1`, [late.id])
  t.equal(outcome(await caller.post(`/v1/me/totp/${late.id}/confirm`, { code: totpCode(late.secret) })), '404 FACTOR_UNKNOWN')
  const mine = (await caller.post('/v1/me/totp')).json()
  const other = await enter(await person(a))
  t.equal(outcome(await other.post(`/v1/me/totp/${mine.id}/confirm`, { code: totpCode(mine.secret) })), '404 FACTOR_UNKNOWN')
  t.equal((await caller.post(`/v1/me/totp/${mine.id}/confirm`, { code: totpCode(mine.secret) })).statusCode, 200)
  t.equal(outcome(await other.remove(`/v1/me/totp/${mine.id}`)), '404 FACTOR_UNKNOWN')
  t.equal(outcome(await caller.remove(`/v1/me/totp/${mine.id}`)), '204', 'its own member can')
})

t.test('every change asks for a proof of the last ten minutes: 403 AUTH_PROOF_NEEDED', async (t) => {
  const who = await person(a)
  const { caller, id } = await withPasskey(who)
  await data.owner.query(`update sessions set authenticated_at = now() - interval '601 seconds' where member_id = $1`, [who.id])
  const some = '01a208a0-4186-753a-9bc1-f4fa9051a28b'
  const refused = [
    await caller.post('/v1/me/totp'),
    await caller.post(`/v1/me/totp/${some}/confirm`, { code: '123456' }),
    await caller.remove(`/v1/me/totp/${some}`),
    await caller.post('/v1/me/recovery-codes'),
    await caller.post('/v1/me/passkeys/options'),
    await caller.post('/v1/me/passkeys', {}),
    await caller.remove(`/v1/me/passkeys/${id}`),
  ]
  for (const answer of refused) t.equal(outcome(answer), '403 AUTH_PROOF_NEEDED')
  t.equal((await caller.get('/v1/me/factors')).statusCode, 200, 'the list and names do not')
  t.match((await caller.patch(`/v1/me/passkeys/${id}`, { name: 'Portátil' })).json(), { id, name: 'Portátil' })
})

t.test('the last factor cannot go where one is required: 409 FACTOR_REQUIRED, also of two who go at once', async (t) => {
  t.teardown(() => setPolicy(b, {}))
  const who = await person(b)
  const { id: passkey, caller } = await withPasskey(who)
  const { id: totp } = await withTotp(who, caller)
  await setPolicy(b, { secondFactor: 'required' })
  t.equal((await caller.get('/v1/me/factors')).json().required, true)
  const both = await Promise.all([caller.remove(`/v1/me/totp/${totp}`), caller.remove(`/v1/me/passkeys/${passkey}`)])
  t.same(both.map(outcome).sort(), ['204', '409 FACTOR_REQUIRED'])
  const { totp: apps, passkeys, recoveryCodesLeft } = (await caller.get('/v1/me/factors')).json()
  t.equal(apps.length + passkeys.length, 1)
  t.equal(recoveryCodesLeft, 10, 'and its recovery codes stay')
})

t.test('for staff alone: who holds a permission keeps the last factor, who holds none may go without: 409, 204', async (t) => {
  t.teardown(() => setPolicy(b, {}))
  const [plain, staff] = [await person(b), await person(b, 'editor')]
  const [one, other] = [await withTotp(plain), await withTotp(staff)]
  await setPolicy(b, { secondFactor: 'staff' })
  t.equal(outcome(await other.caller.remove(`/v1/me/totp/${other.id}`)), '409 FACTOR_REQUIRED')
  t.equal(outcome(await one.caller.remove(`/v1/me/totp/${one.id}`)), '204')
  t.equal((await one.caller.get('/v1/me/factors')).json().recoveryCodesLeft, 0, 'recovery codes go with the last factor')
  t.equal((await calls.byPassword(plain)).statusCode, 200)
  t.match((await calls.mailsTo(plain)).at(-1).variables.change, 'Foi retirada')
})

t.test('a passkey is added, named and removed, and each is in the audit log: 201, 200, 204', async (t) => {
  const who = await person(a)
  const { device, id, caller, recoveryCodes } = await withPasskey(who)
  t.equal(recoveryCodes.length, 10)
  const second = new Authenticator(`https://${a.host}`)
  const { options } = (await caller.post('/v1/me/passkeys/options')).json()
  t.same(options.excludeCredentials, [{ type: 'public-key', id: device.id, transports: ['internal', 'hybrid'] }])
  t.same(options.authenticatorSelection, { residentKey: 'preferred', userVerification: 'required' })
  t.same(
    options.pubKeyCredParams.map(({ alg }: { alg: number }) => alg),
    [-8, -7, -257],
  )
  t.equal((await addPasskey(caller, second)).statusCode, 201)
  t.equal((await caller.get('/v1/me/factors')).json().passkeys.length, 2)
  t.equal(outcome(await caller.remove(`/v1/me/passkeys/${id}`)), '204')
  t.equal(outcome(await calls.passkeySignIn(a, device)), '401 PASSKEY_INVALID', 'the removed one')
  t.equal((await calls.passkeySignIn(a, second)).statusCode, 200, 'the other one')
  t.match(
    (await calls.eventsOf(who)).map(({ action }) => action).filter((action) => action.startsWith('passkey')),
    ['passkey.added', 'passkey.added', 'passkey.removed'],
  )
})

t.test('what is wrong with a new passkey answers 400 PASSKEY_REFUSED, and nothing is kept', async (t) => {
  const who = await person(a)
  const caller = await enter(who)
  const device = () => new Authenticator(`https://${a.host}`)
  const misdeeds = {
    'another origin': { origin: 'https://alias.example' },
    'another RP id': { rpId: 'site-b.example' },
    'another challenge': { challenge: 'B'.repeat(43) },
    'no verification of the user': { userVerified: false },
    'a sign-in in place of a registration': { type: 'webauthn.get' },
    'an algorithm that was not offered': { algorithm: -35 },
  }
  for (const [name, misdeed] of Object.entries(misdeeds)) t.equal(outcome(await addPasskey(caller, device(), misdeed)), '400 PASSKEY_REFUSED', name)
  const asked = (await caller.post('/v1/me/passkeys/options')).json()
  const body = { challenge: asked.challenge, response: device().create(asked.options), name: 'Laptop' }
  const elsewhere = await enter(who)
  t.equal(outcome(await elsewhere.post('/v1/me/passkeys', body)), '400 PASSKEY_REFUSED', 'in another session of the same member')
  t.equal((await caller.get('/v1/me/factors')).json().passkeys.length, 0)
  t.equal((await caller.post('/v1/me/passkeys', body)).statusCode, 201)
  t.equal(outcome(await caller.post('/v1/me/passkeys', body)), '400 PASSKEY_REFUSED', 'a second time')
})

t.test("somebody else's credential is not taken over: 400 PASSKEY_REFUSED; at another site it is another one: 201", async (t) => {
  const who = await person(a)
  const { device } = await withPasskey(who)
  const other = await enter(await person(a))
  t.equal(outcome(await addPasskey(other, device)), '400 PASSKEY_REFUSED')
  const owner = await data.owner.query('select member_id from passkeys where credential = $1', [device.credentialId])
  t.same(owner.rows, [{ member_id: who.id }])
  const elsewhere = await enter(await person(b))
  t.equal((await addPasskey(elsewhere, device, { origin: `https://${b.host}` })).statusCode, 201)
})

t.test("another member's passkey, and ids that are none, answer 404 FACTOR_UNKNOWN and 400", async (t) => {
  const { id } = await withPasskey(await person(a))
  const other = await enter(await person(a))
  t.equal(outcome(await other.remove(`/v1/me/passkeys/${id}`)), '404 FACTOR_UNKNOWN')
  t.equal(outcome(await other.patch(`/v1/me/passkeys/${id}`, { name: 'Mine' })), '404 FACTOR_UNKNOWN')
  t.equal(outcome(await other.remove(`/v1/me/passkeys/${id.toUpperCase()}`)), '400 REQUEST_INVALID')
  for (const name of ['', ' ', 'a\nb', 'x'.repeat(101), 7])
    t.equal(outcome(await other.patch(`/v1/me/passkeys/${id}`, { name })), '400 REQUEST_INVALID')
  const { rows } = await data.owner.query('select name from passkeys where id = $1', [id])
  t.same(rows, [{ name: 'Laptop' }])
})

t.test('an account takes five apps and twenty passkeys: 409 FACTOR_LIMIT', async (t) => {
  const who = await person(a)
  const { caller } = await withTotp(who)
  await data.owner.query(
    `insert into totp_factors (tenant_id, id, member_id, name, sealed_secret, confirmed_at)
     select tenant_id, gen_random_uuid(), member_id, name, sealed_secret, now() from totp_factors, generate_series(1, 4) where member_id = $1`,
    [who.id],
  )
  t.equal(outcome(await caller.post('/v1/me/totp')), '409 FACTOR_LIMIT')
  await data.owner.query(
    `insert into passkeys (tenant_id, id, member_id, name, credential, public_key)
     select $1, gen_random_uuid(), $2, 'x', uuid_send(gen_random_uuid()), '\\x00' from generate_series(1, 20)`,
    [a.id, who.id],
  )
  t.equal(outcome(await addPasskey(caller, new Authenticator(`https://${a.host}`))), '409 FACTOR_LIMIT')
})

t.test("mails speak the member's language where it is known", async (t) => {
  const who = await person(a)
  await data.owner.query(`update members set language = 'fr' where id = $1`, [who.id])
  await withTotp(who)
  t.match(await calls.mailsTo(who), [
    { locale: 'fr', variables: { change: 'Une application d’authentification a été ajoutée à votre compte.', name: 'Ana Neves' } },
  ])
})
