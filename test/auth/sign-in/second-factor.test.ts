import t from 'tap'
import { createFailureDelay } from '../../../src/security/failure-delay.ts'
import { createTestApp } from '../../app.ts'
import { outcome } from '../auth-calls.ts'
import { factorCalls, totpCode, wrongCode } from '../factor-calls.ts'
import { accountCalls, neverFailing, setLimits } from '../minted.ts'

const test = await createTestApp(t)
const { app, data, a, b } = test
const calls = factorCalls(test)
const { person, byPassword, withTotp, pendingOf, secondFactor, sessionsOf, setPolicy } = calls
const { forgotPassword, resetPassword, mailedReset } = accountCalls(test)
const signInWith = (email: string, secret: string) => calls.signIn(a, { email, password: secret })

t.test('a member with an app is answered 202 with what is owed by the right password, and the code gives tokens: 200', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  const first = await byPassword(who)
  t.equal(first.statusCode, 202)
  t.equal(first.headers['cache-control'], 'no-store')
  const { pending, expiresAt, ...rest } = first.json()
  t.same(rest, { factors: ['totp', 'recovery-code'], enrol: false })
  const life = (Date.parse(expiresAt) - Date.now()) / 1000
  t.ok(life > 590 && life <= 600, `lives ${life} s`)
  t.equal((await sessionsOf(who)).length, 1, 'the session in which the app was set up, and none yet')
  const second = await secondFactor(a, { pending, code: totpCode(secret) })
  t.equal(second.statusCode, 200)
  const me = await calls.as(second.json().accessToken, a).get('/v1/me')
  t.match(me.json(), { id: who.id })
  const [, session] = await sessionsOf(who)
  t.same(session.methods, ['password', 'totp'])
  t.equal(outcome(await secondFactor(a, { pending, code: totpCode(secret, Date.now() + 30_000) })), '401 PENDING_INVALID', 'it is spent')
})

t.test('transport cookie sets the cookies after the second step: 200', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  const answer = await secondFactor(a, { pending: await pendingOf(who), code: totpCode(secret), transport: 'cookie' })
  t.equal(answer.statusCode, 200)
  t.same(answer.cookies.map(({ name }) => name).sort(), ['__Host-access', '__Host-device', '__Host-refresh'])
  t.notOk(answer.json().refreshToken)
})

t.test('the secret of a pending sign-in is nowhere in the database', async (t) => {
  const who = await person(a)
  await withTotp(who)
  const pending = await pendingOf(who)
  const { rows } = await data.owner.query('select p::text as row from pending_sign_ins p where member_id = $1', [who.id])
  t.equal(rows.length, 1)
  const hex = Buffer.from(pending.slice(22), 'base64url').toString('hex')
  t.notOk(rows[0].row.includes(pending.slice(22)) || rows[0].row.includes(hex))
})

t.test('one pending sign-in used 50 times at once makes one session', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  const pending = await pendingOf(who)
  const answers = await Promise.all(Array.from({ length: 50 }, () => secondFactor(a, { pending, code: totpCode(secret) })))
  const outcomes = answers.map(outcome)
  t.equal(outcomes.filter((text) => text === '200').length, 1)
  t.ok(
    outcomes.every((text) => ['200', '401 PENDING_INVALID', '401 SECOND_FACTOR_INVALID', '429 RATE_LIMITED', '503 OVERLOADED'].includes(text)),
    [...new Set(outcomes)].join(),
  )
  t.equal((await sessionsOf(who)).length, 2, 'that one, and the one in which the app was set up')
})

t.test('five different recovery codes at once for one pending sign-in make one session and use up one code', async (t) => {
  const who = await person(a)
  const { recoveryCodes } = await withTotp(who)
  const pending = await pendingOf(who)
  const answers = await Promise.all(recoveryCodes.slice(0, 5).map((recoveryCode) => secondFactor(a, { pending, recoveryCode })))
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1, answers.map(outcome).join())
  t.equal((await sessionsOf(who)).length, 2)
  const { rows } = await data.owner.query('select id from recovery_codes where member_id = $1 and used_at is null', [who.id])
  t.equal(rows.length, 9, 'who came too late keeps theirs')
})

t.test('a code is good once, also in another sign-in of its thirty seconds: 401 SECOND_FACTOR_INVALID', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  const [one, other] = [await pendingOf(who), await pendingOf(who)]
  const code = totpCode(secret)
  t.equal(outcome(await secondFactor(a, { pending: one, code })), '200')
  t.equal(outcome(await secondFactor(a, { pending: other, code })), '401 SECOND_FACTOR_INVALID')
  t.equal(outcome(await secondFactor(a, { pending: other, code: totpCode(secret, Date.now() + 30_000) })), '200', 'the next code is another')
})

t.test('a code older than the last one that was spent, or more than a step away, answers 401 SECOND_FACTOR_INVALID', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  const [pending, later] = [await pendingOf(who), await pendingOf(who)]
  for (const away of [-75_000, 75_000]) {
    t.equal(outcome(await secondFactor(a, { pending, code: totpCode(secret, Date.now() + away) })), '401 SECOND_FACTOR_INVALID', `${away} ms`)
  }
  const at = Date.now()
  t.equal(outcome(await secondFactor(a, { pending, code: totpCode(secret, at) })), '200')
  // Of the moment when the other was spent: a half minute may end between the two.
  t.equal(outcome(await secondFactor(a, { pending: later, code: totpCode(secret, at - 30_000) })), '401 SECOND_FACTOR_INVALID')
})

t.test('after five wrong codes a pending sign-in is void, for the right code too: 401 PENDING_INVALID', async (t) => {
  setLimits(t, app, { failedSignIns: neverFailing })
  const who = await person(a)
  const { secret } = await withTotp(who)
  const pending = await pendingOf(who)
  for (let n = 0; n < 5; n++) t.equal(outcome(await secondFactor(a, { pending, code: wrongCode(secret) })), '401 SECOND_FACTOR_INVALID')
  t.equal(outcome(await secondFactor(a, { pending, code: totpCode(secret) })), '401 PENDING_INVALID')
  t.equal(outcome(await secondFactor(a, { pending: await pendingOf(who), code: totpCode(secret) })), '200', 'a new sign-in has tries of its own')
})

t.test('twenty wrong codes in a day, over however many sign-ins, are the end until the password is a new one: 401 PENDING_INVALID', async (t) => {
  setLimits(t, app, { failedSignIns: neverFailing })
  const who = await person(a)
  const { secret } = await withTotp(who)
  for (let round = 0; round < 4; round++) {
    const pending = await pendingOf(who)
    for (let n = 0; n < 5; n++) t.equal(outcome(await secondFactor(a, { pending, code: wrongCode(secret) })), '401 SECOND_FACTOR_INVALID')
  }
  t.equal(outcome(await secondFactor(a, { pending: await pendingOf(who), code: totpCode(secret) })), '401 PENDING_INVALID')
  const { token } = await mailedReset(a, who.email)
  t.equal((await resetPassword(a, { token, password: 'a new password of mine' })).statusCode, 204)
  const first = await byPassword(who)
  t.equal(outcome(first), '401 AUTH_INVALID_CREDENTIALS', 'the thief knows the old password')
  const { pending } = (await signInWith(who.email, 'a new password of mine')).json()
  t.equal(outcome(await secondFactor(a, { pending, code: totpCode(secret) })), '200', 'the member knows the new one')
})

t.test('who has the password and guesses codes waits: 429 RATE_LIMITED after five, however often the password is right', async (t) => {
  let clock = 1_000_000_000
  setLimits(t, app, { failedSignIns: createFailureDelay(() => clock) })
  const who = await person(a)
  const { secret } = await withTotp(who)
  for (let n = 0; n < 5; n++) {
    const pending = await pendingOf(who)
    t.equal(outcome(await secondFactor(a, { pending, code: wrongCode(secret) })), '401 SECOND_FACTOR_INVALID')
  }
  t.equal((await byPassword(who)).statusCode, 202, 'the password is another matter')
  const refused = await secondFactor(a, { pending: await pendingOf(who), code: totpCode(secret) })
  t.equal(outcome(refused), '429 RATE_LIMITED')
  t.equal(refused.headers['retry-after'], '300')
  clock += 300_000
  t.equal(outcome(await secondFactor(a, { pending: await pendingOf(who), code: totpCode(secret) })), '200', 'the member after the wait')
  for (let n = 0; n < 4; n++) await secondFactor(a, { pending: await pendingOf(who), code: wrongCode(secret) })
  t.equal(
    outcome(await secondFactor(a, { pending: await pendingOf(who), code: totpCode(secret, Date.now() + 30_000) })),
    '200',
    'success cleared what was counted',
  )
})

t.test('sign-ins that were opened beforehand do not get round the wait, and it costs them no try: 429 RATE_LIMITED', async (t) => {
  let clock = 1_000_000_000
  setLimits(t, app, { failedSignIns: createFailureDelay(() => clock) })
  const who = await person(a)
  const { secret } = await withTotp(who)
  const opened = [await pendingOf(who), await pendingOf(who)]
  for (let n = 0; n < 5; n++) await secondFactor(a, { pending: opened[0] ?? '', code: wrongCode(secret) })
  for (let n = 0; n < 6; n++) t.equal(outcome(await secondFactor(a, { pending: opened[1] ?? '', code: totpCode(secret) })), '429 RATE_LIMITED')
  clock += 300_000
  t.equal(outcome(await secondFactor(a, { pending: opened[1] ?? '', code: totpCode(secret) })), '200')
})

t.test('a pending sign-in of another site, past its time, of a moved epoch or a deactivated member answers 401 PENDING_INVALID', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  const code = () => totpCode(secret)
  const pending = await pendingOf(who)
  t.equal(outcome(await secondFactor(b, { pending, code: code() })), '401 PENDING_INVALID', 'at another site')
  t.equal(
    outcome(await secondFactor(a, { pending: `${pending.slice(0, 64)}${pending.endsWith('A') ? 'B' : 'A'}`, code: code() })),
    '401 PENDING_INVALID',
  )
  const spoil = async (statement: string, undo: string) => {
    await data.owner.query(statement, [who.id])
    t.equal(outcome(await secondFactor(a, { pending, code: code() })), '401 PENDING_INVALID', statement)
    await data.owner.query(undo, [who.id])
  }
  await spoil('update members set epoch = epoch + 1 where id = $1', 'update members set epoch = epoch - 1 where id = $1')
  await spoil(`update members set status = 'deactivated' where id = $1`, `update members set status = 'active' where id = $1`)
  await spoil(
    `update pending_sign_ins set expires_at = now() - interval '1 second' where member_id = $1`,
    `update pending_sign_ins set expires_at = now() + interval '1 minute' where member_id = $1`,
  )
  t.equal(outcome(await secondFactor(a, { pending, code: code() })), '200', 'none of which cost it a try')
})

t.test(
  'a code as a number, in an array, in Arabic digits, of another length or with blanks answers 400 REQUEST_INVALID and costs no try',
  async (t) => {
    const who = await person(a)
    const { secret } = await withTotp(who)
    const pending = await pendingOf(who)
    const code = totpCode(secret)
    const arabic = [...code].map((digit) => String.fromCharCode(0x660 + Number(digit))).join('')
    const bodies = [Number(code), [code], { code }, arabic, code.slice(1), `${code}0`, ` ${code}`, `${code}\n`, null, true, '１２３４５６'].map(
      (odd) => ({ pending, code: odd }),
    )
    const others = [
      { pending },
      { code },
      { pending: [pending], code },
      { pending, code, recoveryCode: '0123456789' },
      { pending, code, memberId: who.id },
      { pending, code, transport: 'header' },
      { pending: 'short', code },
      { pending, recoveryCode: ['0123456789'] },
      { pending, passkey: {} },
    ]
    for (const body of [...bodies, ...others]) t.equal(outcome(await secondFactor(a, body)), '400 REQUEST_INVALID', JSON.stringify(body))
    const { rows } = await data.owner.query('select attempts from pending_sign_ins where member_id = $1', [who.id])
    t.same(rows, [{ attempts: 0 }])
    t.equal(outcome(await secondFactor(a, { pending, code })), '200')
  },
)

t.test('a new password by mail keeps the second factor: 202', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  const { token } = await mailedReset(a, who.email)
  t.equal((await resetPassword(a, { token, password: 'a new password of mine' })).statusCode, 204)
  const first = await signInWith(who.email, 'a new password of mine')
  t.equal(first.statusCode, 202)
  t.same(first.json().factors, ['totp', 'recovery-code'])
  t.equal(outcome(await secondFactor(a, { pending: first.json().pending, code: totpCode(secret) })), '200')
})

t.test('the code of a mail is no second factor: 401 SECOND_FACTOR_INVALID', async (t) => {
  const who = await person(a)
  const { secret } = await withTotp(who)
  await data.owner.query('delete from email_challenges where member_id = $1', [who.id])
  const { challenge } = (await forgotPassword(a, { email: who.email })).json()
  const { code } = await accountCalls(test).mint(a, challenge)
  if (code === totpCode(secret)) return
  t.equal(outcome(await secondFactor(a, { pending: await pendingOf(who), code })), '401 SECOND_FACTOR_INVALID')
  t.equal(outcome(await secondFactor(a, { pending: await pendingOf(who), challenge, code })), '400 REQUEST_INVALID')
})

t.test('a wrong password is answered the same for members with a second factor, without, and nobody: 401', async (t) => {
  const [withOne, without] = [await person(a), await person(a)]
  await withTotp(withOne)
  const bodies = []
  for (const email of [withOne.email, without.email, 'nobody@site-a.example']) {
    const answer = await signInWith(email, 'wrong')
    t.equal(outcome(answer), '401 AUTH_INVALID_CREDENTIALS')
    bodies.push({ ...answer.json(), requestId: '' })
  }
  t.same(bodies[1], bodies[0])
  t.same(bodies[2], bodies[0])
})

t.test('policies say who owes a factor: off nobody, optional who has one, staff those with a permission, required everybody', async (t) => {
  t.teardown(() => setPolicy(b, {}))
  const [plain, held, staff] = [await person(b), await person(b), await person(b, 'editor')]
  await withTotp(held)
  const expected = {
    off: ['200', '200', '200'],
    optional: ['200', 'shows', '200'],
    staff: ['200', 'shows', 'sets up'],
    required: ['sets up', 'shows', 'sets up'],
  } as const
  for (const secondFactorPolicy of ['off', 'optional', 'staff', 'required'] as const) {
    await setPolicy(b, { secondFactor: secondFactorPolicy })
    const answers = []
    for (const who of [plain, held, staff]) {
      const answer = await byPassword(who)
      answers.push(answer.statusCode === 202 ? (answer.json().enrol ? 'sets up' : 'shows') : outcome(answer))
    }
    t.same(answers, expected[secondFactorPolicy], secondFactorPolicy)
  }
})

t.test('what is left of a sign-in of yesterday goes with the next one', async (t) => {
  const who = await person(a)
  await withTotp(who)
  await pendingOf(who)
  await data.owner.query(`update pending_sign_ins set created_at = now() - interval '25 hours' where member_id = $1`, [who.id])
  await pendingOf(who)
  const { rows } = await data.owner.query('select id from pending_sign_ins where member_id = $1', [who.id])
  t.equal(rows.length, 1)
})
