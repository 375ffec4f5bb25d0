import t from 'tap'
import { createTestApp, password } from '../../app.ts'
import { outcome } from '../auth-calls.ts'
import { factorCalls, totpCode, wrongCode } from '../factor-calls.ts'
import { openLimits } from '../minted.ts'

const test = await createTestApp(t, { overrides: { limits: openLimits() } })
const { data, a } = test
const calls = factorCalls(test)
const { person, withTotp, withPasskey, enter } = calls
type Caller = Awaited<ReturnType<typeof enter>>
/** The member shows once more who they are, in the session of the caller. */
const prove = async (caller: Caller, factor: object) => outcome(await caller.post('/v1/auth/reauthenticate', { password, factor }))
const wrong = '403 AUTH_PROOF_WRONG'

t.test('the code of an app proves its member, once', async (t) => {
  const [who, other] = [await person(a), await person(a)]
  const { secret, caller } = await withTotp(who)
  t.equal(await prove(caller, { code: wrongCode(secret) }), wrong)
  const code = totpCode(secret)
  t.equal(await prove(await enter(other), { code }), wrong, 'nobody else')
  t.equal(await prove(caller, { code }), '204')
  t.equal(await prove(caller, { code }), wrong, 'not a second time')
})

t.test('a recovery code proves its member, once, and the member is told', async (t) => {
  const who = await person(a)
  const { recoveryCodes, caller } = await withTotp(who)
  t.equal(await prove(caller, { recoveryCode: recoveryCodes[0] }), '204')
  t.equal(await prove(caller, { recoveryCode: recoveryCodes[0] }), wrong)
  t.match((await calls.mailsTo(who)).at(-1).variables.change, 'código de recuperação')
})

t.test('a recovery code is not spent, and nobody is told, where the proof could not be kept', async (t) => {
  const who = await person(a)
  const { recoveryCodes, caller } = await withTotp(who)
  const mails = (await calls.mailsTo(who)).length
  // The session ends after it was let in, and before the proof is kept.
  await data.owner.query(`
    create function end_session() returns trigger language plpgsql as $$
      begin update sessions set ended_at = now() where member_id = new.member_id; return new; end $$;
    create trigger end_session after update on recovery_codes for each row execute function end_session()`)
  t.equal(await prove(caller, { recoveryCode: recoveryCodes[0] }), '401 AUTH_TOKEN_INVALID')
  await data.owner.query('drop trigger end_session on recovery_codes; drop function end_session')
  t.equal((await calls.mailsTo(who)).length, mails)
  t.equal(await prove(caller, { recoveryCode: recoveryCodes[0] }), '204', 'all of it was taken back')
})

t.test('a passkey proves its member in the session that asked for the challenge', async (t) => {
  const who = await person(a)
  const { device, caller } = await withPasskey(who)
  const { secret } = await withTotp(who, caller)
  const entered = await calls.secondFactor(a, { pending: await calls.pendingOf(who), code: totpCode(secret) })
  const other = calls.as(entered.json().accessToken, a)
  const ask = async () => (await caller.post('/v1/auth/reauthenticate/passkey-options')).json()
  const shown = async () => {
    const { challenge, options } = await ask()
    t.equal(options.allowCredentials.length, 1)
    return { passkey: { challenge, response: device.get(options) } }
  }
  t.equal(await prove(other, await shown()), wrong, 'in another session')
  const passkey = await shown()
  t.equal(await prove(caller, passkey), '204')
  t.equal(await prove(caller, passkey), wrong, 'not a second time')
})

t.test('guesses count for the member, apart from those of the password: RATE_LIMITED after five', async (t) => {
  const who = await person(a)
  const { secret, caller } = await withTotp(who)
  for (let n = 0; n < 5; n++) t.equal(await prove(caller, { code: wrongCode(secret) }), wrong)
  t.equal(await prove(caller, { code: totpCode(secret) }), '429 RATE_LIMITED')
  t.equal((await calls.byPassword(who)).statusCode, 202)
})
