import t from 'tap'
import { proveFactor } from '../../../src/auth/factors/prove-factor.ts'
import { newId } from '../../../src/security/random-token.ts'
import type { Scope } from '../../../src/tenancy/define-flow.ts'
import { createTestApp } from '../../app.ts'
import { factorCalls, totpCode, wrongCode } from '../factor-calls.ts'

/** Stands for a route that asks a member to show once more who they are. */
const overrides = {
  outside: async (scope: Scope) => {
    scope.post('/prove', async (request) => {
      const { tenant, prover, proof } = JSON.parse(JSON.stringify(request.body))
      Object.assign(request, { tenant })
      try {
        return { method: (await proveFactor(request, prover, proof)) ?? null }
      } catch (error) {
        return { code: Reflect.get(Object(error), 'code') }
      }
    })
  },
}
const test = await createTestApp(t, { overrides })
const { app, data, a } = test
const calls = factorCalls(test)
const { person, withTotp, withPasskey } = calls
const tenant = { id: a.id, slug: a.slug, kind: 'client', version: 1, canonicalHost: a.host }
const prove = async (memberId: string, proof: object, boundTo = newId()) =>
  (await app.inject({ method: 'POST', url: '/prove', payload: { tenant, prover: { memberId, boundTo }, proof } })).json()

t.test('the code of an app proves its member, once', async (t) => {
  const [who, other] = [await person(a), await person(a)]
  const { secret } = await withTotp(who)
  t.same(await prove(who.id, { code: wrongCode(secret) }), { method: null })
  t.same(await prove(other.id, { code: totpCode(secret) }), { method: null }, 'nobody else')
  t.same(await prove(who.id, { code: totpCode(secret) }), { method: 'totp' })
  t.same(await prove(who.id, { code: totpCode(secret) }), { method: null }, 'not a second time')
})

t.test('a recovery code proves its member, once, and the member is told', async (t) => {
  const who = await person(a)
  const { recoveryCodes } = await withTotp(who)
  t.same(await prove(who.id, { recoveryCode: recoveryCodes[0] }), { method: 'recovery-code' })
  t.same(await prove(who.id, { recoveryCode: recoveryCodes[0] }), { method: null })
  t.match((await calls.mailsTo(who)).at(-1).variables.change, 'código de recuperação')
})

t.test('a passkey proves its member in the session that asked for the challenge', async (t) => {
  const who = await person(a)
  const { device, caller } = await withPasskey(who)
  const { rows } = await data.owner.query('select id from sessions where member_id = $1', [who.id])
  const sessionId = rows[0].id
  const ask = async () => (await caller.post('/v1/auth/reauthenticate/passkey-options')).json()
  const asked = await ask()
  t.equal(asked.options.allowCredentials.length, 1)
  const elsewhere = { passkey: { challenge: asked.challenge, response: device.get(asked.options) } }
  t.same(await prove(who.id, elsewhere, newId()), { method: null }, 'in another session')
  const again = await ask()
  const passkey = { challenge: again.challenge, response: device.get(again.options) }
  t.same(await prove(who.id, { passkey }, sessionId), { method: 'passkey' })
  t.same(await prove(who.id, { passkey }, sessionId), { method: null }, 'not a second time')
})

t.test('guesses count for the member, apart from those of the password: RATE_LIMITED after five', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  for (let n = 0; n < 5; n++) t.same(await prove(who.id, { code: wrongCode(secret) }), { method: null })
  t.same(await prove(who.id, { code: totpCode(secret) }), { code: 'RATE_LIMITED' })
  t.equal((await calls.byPassword(who)).statusCode, 202)
})
