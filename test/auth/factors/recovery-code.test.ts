import t from 'tap'
import { makeRecoveryCodes, readRecoveryCode } from '../../../src/auth/factors/recovery-code.ts'
import { createTestApp } from '../../app.ts'
import { outcome } from '../auth-calls.ts'
import { factorCalls, totpCode } from '../factor-calls.ts'
import { neverFailing, setLimits } from '../minted.ts'

const test = await createTestApp(t)
const { app, data, a } = test
const calls = factorCalls(test)
const { person, withTotp, pendingOf, secondFactor, sessionsOf } = calls

t.test('ten codes of ten characters that cannot be taken for one another, each hashed under the salt of the set', async (t) => {
  const { codes, hashes, salt } = await makeRecoveryCodes(app.hasher)
  t.equal(new Set(codes).size, 10)
  for (const code of codes) t.match(code, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
  t.equal(new Set(hashes.map((hash) => Buffer.from(hash).toString('hex'))).size, 10)
  t.equal(salt.length, 16)
  t.same(await app.hasher.derive(readRecoveryCode(codes[3] ?? '') ?? '', salt), hashes[3])
})

t.test('case, blanks, hyphens and letters that look like digits do not matter; anything else is no code', (t) => {
  t.equal(readRecoveryCode('01abc-defgh'), '01ABCDEFGH')
  for (const typed of ['OIABC DEFGH', ' o l a b c d e f g h ', '0-1-A-B-C-D-E-F-G-H']) t.equal(readRecoveryCode(typed), '01ABCDEFGH', typed)
  for (const typed of ['01ABCDEFG', '01ABCDEFGHJ', '01ABCDEFGU', '٠١ABCDEFGH', '01ABCDEFG_', '']) t.equal(readRecoveryCode(typed), undefined, typed)
  t.end()
})

t.test('a recovery code signs in once, as it was typed; the member is told: 200, then 401 SECOND_FACTOR_INVALID', async (t) => {
  const who = await person(a)
  const { recoveryCodes, caller } = await withTotp(who)
  t.equal(recoveryCodes.length, 10)
  const [first = '', second = ''] = recoveryCodes
  const answer = await secondFactor(a, { pending: await pendingOf(who), recoveryCode: ` ${first.toLowerCase().replace('-', ' ')} ` })
  t.equal(answer.statusCode, 200)
  t.same((await sessionsOf(who)).at(-1).methods, ['password', 'recovery-code'])
  t.equal(outcome(await secondFactor(a, { pending: await pendingOf(who), recoveryCode: first })), '401 SECOND_FACTOR_INVALID')
  t.equal((await caller.get('/v1/me/factors')).json().recoveryCodesLeft, 9)
  const mails = await calls.mailsTo(who)
  t.match(mails.at(-1).variables.change, 'Foi usado um código de recuperação')
  const used = (await calls.eventsOf(who)).find(({ action }) => action === 'factor.recovery-code-used')
  t.match(used, { target: who.id, details: { left: 9 } })
  t.equal((await secondFactor(a, { pending: await pendingOf(who), recoveryCode: second })).statusCode, 200, 'the others stay good')
})

t.test('one code in 20 sign-ins at once opens one session', async (t) => {
  setLimits(t, app, { failedSignIns: neverFailing })
  const who = await person(a)
  const { recoveryCodes } = await withTotp(who)
  const opened = []
  for (let n = 0; n < 20; n++) opened.push(await pendingOf(who))
  const answers = await Promise.all(opened.map((pending) => secondFactor(a, { pending, recoveryCode: recoveryCodes[0] })))
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1, [...new Set(answers.map(outcome))].join())
  t.equal((await sessionsOf(who)).length, 2)
})

t.test('a new set voids the old one: 201; and nothing that is stored says a code', async (t) => {
  const who = await person(a)
  const { recoveryCodes: old, caller } = await withTotp(who)
  const made = await caller.post('/v1/me/recovery-codes')
  t.equal(made.statusCode, 201)
  const { recoveryCodes } = made.json()
  t.equal(recoveryCodes.length, 10)
  const pending = await pendingOf(who)
  t.equal(outcome(await secondFactor(a, { pending, recoveryCode: old[0] })), '401 SECOND_FACTOR_INVALID')
  t.equal(outcome(await secondFactor(a, { pending, recoveryCode: recoveryCodes[0] })), '200')
  const { rows } = await data.owner.query('select r::text as row, octet_length(hash) as bytes from recovery_codes r where member_id = $1', [who.id])
  t.equal(rows.length, 10)
  for (const { row, bytes } of rows) {
    t.equal(bytes, 32)
    for (const code of recoveryCodes) t.notOk(row.includes(Buffer.from(code.replace('-', '')).toString('hex')))
  }
  t.match((await calls.mailsTo(who)).map(({ variables }) => variables.change).join(), 'Foram criados novos códigos')
})

t.test('without a factor there is nothing to stand in for: 409 FACTOR_MISSING', async (t) => {
  t.equal(outcome(await (await calls.enter(await person(a))).post('/v1/me/recovery-codes')), '409 FACTOR_MISSING')
})

t.test("another member's code answers 401 SECOND_FACTOR_INVALID", async (t) => {
  const [who, other] = [await person(a), await person(a)]
  const { secret } = await withTotp(who)
  const { recoveryCodes } = await withTotp(other)
  const pending = await pendingOf(who)
  t.equal(outcome(await secondFactor(a, { pending, recoveryCode: recoveryCodes[0] })), '401 SECOND_FACTOR_INVALID')
  t.equal(outcome(await secondFactor(a, { pending: await pendingOf(other), recoveryCode: recoveryCodes[0] })), '200', 'which is good for them')
  t.equal(outcome(await secondFactor(a, { pending, code: totpCode(secret) })), '200')
})
