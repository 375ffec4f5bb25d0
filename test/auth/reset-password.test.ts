import t from 'tap'
import { createMember } from '../../src/auth/account/create-member.ts'
import { createFailureDelay } from '../../src/security/failure-delay.ts'
import { createTestApp, password, type TestSite } from '../app.ts'
import { eventually } from '../eventually.ts'
import { authCalls, freshNetwork, outcome } from './auth-calls.ts'
import { accountCalls, openLimits } from './minted.ts'

let clock = 1_000_000_000
const tools = await createTestApp(t, { overrides: { limits: { ...openLimits(), failedSignIns: createFailureDelay(() => clock) } } })
const { app, data, a, b } = tools
const { me, signIn, refresh } = authCalls(app)
const { resetPassword, mailedReset, mailedSignUp, challengeRow, mailsTo } = accountCalls(tools)
const firefox = { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0' } }

let people = 0
async function newMember(site: TestSite): Promise<{ id: string; email: string }> {
  const email = `member${++people}@people.example`
  const db = data.open({ max: 1 }).forTenant(site.id)
  return { email, id: await createMember(db, app.hasher, { tenantId: site.id, email, name: `Member ${people}`, password, role: 'member' }) }
}

t.test('the token sets a new password, ends every session, proves the address and tells the member by mail: 204', async (t) => {
  const { id, email } = await newMember(a)
  await data.owner.query('update members set email_verified_at = null where id = $1', [id])
  const { accessToken, refreshToken } = (await signIn(a, { email, password })).json()
  t.equal((await me(a, accessToken)).statusCode, 200, 'control')
  const { token, challenge } = await mailedReset(a, email)
  const answer = await resetPassword(a, { token, password: 'the second password' }, firefox)
  t.equal(answer.statusCode, 204)
  t.equal(answer.body, '')
  t.ok((await challengeRow(challenge)).spent_at)
  t.equal(outcome(await signIn(a, { email, password })), '401 AUTH_INVALID_CREDENTIALS')
  t.equal((await signIn(a, { email, password: 'the second password' })).statusCode, 200)
  await eventually(t, 'the session of before is over', async () => (await me(a, accessToken)).statusCode === 401)
  t.equal(outcome(await refresh(a, refreshToken)), '401 AUTH_REFRESH_INVALID')
  const { rows } = await data.owner.query('select epoch, email_verified_at from members where id = $1', [id])
  t.match(rows, [{ epoch: 1, email_verified_at: Date }])
  const [, told] = await mailsTo(a, email)
  t.match(told, { kind: 'password-changed', locale: 'pt', challenge_id: null, variables: { name: 'Member 1', device: 'Firefox, Linux' } })
  t.ok(Math.abs(Date.parse(told.variables.when) - Date.now()) < 60_000)
})

t.test('the code does the same together with its challenge: 204', async (t) => {
  const { email } = await newMember(a)
  const { challenge, code } = await mailedReset(a, email)
  t.equal((await resetPassword(a, { challenge, code, password: 'the second password' })).statusCode, 204)
  t.equal((await signIn(a, { email, password: 'the second password' })).statusCode, 200)
})

t.test('a member without a password gets one: 204', async (t) => {
  const { id, email } = await newMember(a)
  await data.owner.query('delete from passwords where member_id = $1', [id])
  const { token } = await mailedReset(a, email)
  t.equal((await resetPassword(a, { token, password: 'the first password' })).statusCode, 204)
  t.equal((await signIn(a, { email, password: 'the first password' })).statusCode, 200)
})

t.test('of fifty uses of one token at once one answers 204; the epoch moves on once and one mail is sent', async (t) => {
  const { id, email } = await newMember(a)
  const { token } = await mailedReset(a, email)
  const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => resetPassword(a, { token, password: `password number ${at}` })))
  t.same(answers.map(outcome).sort(), ['204', ...Array(49).fill('400 CHALLENGE_INVALID')])
  const won = answers.findIndex(({ statusCode }) => statusCode === 204)
  t.equal((await signIn(a, { email, password: `password number ${won}` })).statusCode, 200)
  t.same((await data.owner.query('select epoch from members where id = $1', [id])).rows, [{ epoch: 1 }])
  t.equal((await mailsTo(a, email)).filter(({ kind }) => kind === 'password-changed').length, 1)
})

t.test('a link is void after a password change by another one, also where both are used at once: 400', async (t) => {
  const { email } = await newMember(a)
  const [first, second] = [await mailedReset(a, email), await mailedReset(a, email)]
  t.equal((await resetPassword(a, { token: second.token, password: 'the second password' })).statusCode, 204)
  t.equal(outcome(await resetPassword(a, { token: first.token, password: 'the third password' })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await resetPassword(a, { challenge: first.challenge, code: first.code, password: 'the third password' })), '400 CHALLENGE_INVALID')
  for (let round = 0; round < 5; round++) {
    const mailed = [await mailedReset(a, email), await mailedReset(a, email), await mailedReset(a, email)]
    const answers = await Promise.all(mailed.map(({ token }) => resetPassword(a, { token, password: 'the fourth password' })))
    t.same(answers.map(outcome).sort(), ['204', '400 CHALLENGE_INVALID', '400 CHALLENGE_INVALID'])
  }
})

t.test('a link of another member stays good', async (t) => {
  const [one, other] = [await newMember(a), await newMember(a)]
  const [mine, theirs] = [await mailedReset(a, one.email), await mailedReset(a, other.email)]
  t.equal((await resetPassword(a, { token: mine.token, password: 'the second password' })).statusCode, 204)
  t.equal((await resetPassword(a, { token: theirs.token, password: 'the third password' })).statusCode, 204)
  t.equal((await signIn(a, { email: one.email, password: 'the second password' })).statusCode, 200)
})

t.test('a second late, at another site, after a change of the address, or once the member is deactivated: 400', async (t) => {
  const change = 'another password'
  const late = await mailedReset(a, (await newMember(a)).email)
  await data.owner.query(`update email_challenges set expires_at = now() - interval '1 second' where id = $1`, [late.challenge])
  t.equal(outcome(await resetPassword(a, { token: late.token, password: change })), '400 CHALLENGE_INVALID', 'late')
  await data.owner.query(`update email_challenges set expires_at = now() + interval '1 minute' where id = $1`, [late.challenge])
  t.equal(outcome(await resetPassword(b, { token: late.token, password: change })), '400 CHALLENGE_INVALID', 'at another site')
  t.equal(outcome(await resetPassword(b, { challenge: late.challenge, code: late.code, password: change })), '400 CHALLENGE_INVALID')
  t.equal((await resetPassword(a, { token: late.token, password: change })).statusCode, 204, 'control')

  const moved = await newMember(a)
  const toOld = await mailedReset(a, moved.email)
  await data.owner.query(`update members set email_key = 'moved@people.example' where id = $1`, [moved.id])
  t.equal(outcome(await resetPassword(a, { token: toOld.token, password: change })), '400 CHALLENGE_INVALID', 'sent to an address of before')
  await data.owner.query('update members set email_key = $2 where id = $1', [moved.id, moved.email])
  t.equal((await resetPassword(a, { token: toOld.token, password: change })).statusCode, 204, 'control: nothing was spent')

  const gone = await newMember(a)
  const sent = await mailedReset(a, gone.email)
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [gone.id])
  t.equal(outcome(await resetPassword(a, { token: sent.token, password: change })), '400 CHALLENGE_INVALID', 'deactivated')
  t.same((await data.owner.query('select epoch from members where id = $1', [gone.id])).rows, [{ epoch: 0 }])
})

t.test('a body with anything off answers 400 REQUEST_INVALID and spends nothing', async (t) => {
  const { email } = await newMember(a)
  const { challenge, token, code } = await mailedReset(a, email)
  const good = 'another password'
  const bodies: Record<string, object> = {
    'an empty password': { token, password: '' },
    'a password of 1025': { token, password: 'x'.repeat(1025) },
    'no password': { token },
    'a number': { token, password: 1234567890 },
    'a numeric code': { challenge, code: Number(code), password: good },
    'a list of codes': { challenge, code: [code], password: good },
    'a role': { token, password: good, role: 'owner' },
    'a tenant': { token, password: good, tenantId: b.id },
    'a member': { token, password: good, memberId: a.owner.id },
    'both proofs': { token, challenge, code, password: good },
  }
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await resetPassword(a, body)), '400 REQUEST_INVALID', title)
  t.match(await challengeRow(challenge), { spent_at: null, attempts: 0 })
  t.equal((await resetPassword(a, { token, password: good })).statusCode, 204, 'control')
})

t.test('a wrong token or code costs no hash', async (t) => {
  const { challenge, code } = await mailedReset(a, (await newMember(a)).email)
  const hash = t.capture(app.hasher, 'hash', app.hasher.hash)
  const wrong = code === '000000' ? '000001' : '000000'
  t.equal(outcome(await resetPassword(a, { token: 'A'.repeat(43), password: 'another password' })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await resetPassword(a, { challenge, code: wrong, password: 'another password' })), '400 CHALLENGE_INVALID')
  t.equal(hash().length, 0)
  t.equal((await resetPassword(a, { challenge, code, password: 'another password' })).statusCode, 204)
  t.equal(hash().length, 1)
})

t.test('an account that is locked by failed sign-ins is open again after a reset', async (t) => {
  const { email } = await newMember(a)
  for (let n = 0; n < 5; n++) await signIn(a, { email, password: 'wrong' })
  t.equal(outcome(await signIn(a, { email, password })), '429 RATE_LIMITED')
  const { token } = await mailedReset(a, email)
  t.equal((await resetPassword(a, { token, password: 'the second password' })).statusCode, 204)
  t.equal((await signIn(a, { email, password: 'the second password' })).statusCode, 200)
  clock += 1
})

t.test('where the mail cannot be written nothing is changed: the link stays good', async (t) => {
  const { email } = await newMember(a)
  const { token } = await mailedReset(a, email)
  await data.owner.query(`alter table mail_messages add constraint none check (kind <> 'password-changed') not valid`)
  t.equal((await resetPassword(a, { token, password: 'the second password' })).statusCode, 500)
  await data.owner.query('alter table mail_messages drop constraint none')
  t.equal((await signIn(a, { email, password })).statusCode, 200, 'the password of before')
  t.equal((await resetPassword(a, { token, password: 'the second password' })).statusCode, 204)
})

t.test('a sign-up that is under way is not ended by a reset, and thirty tries a minute from one network are all: 429', async (t) => {
  const { email } = await newMember(a)
  const open = await mailedSignUp(a, 'under.way@people.example')
  const { token } = await mailedReset(a, email)
  t.equal((await resetPassword(a, { token, password: 'the second password' })).statusCode, 204)
  t.equal((await challengeRow(open.challenge)).spent_at, null)
  const from = freshNetwork()
  const guess = { token: 'A'.repeat(43), password: 'another password' }
  for (let n = 0; n < 30; n++) t.equal((await resetPassword(a, guess, { from })).statusCode, 400)
  t.equal(outcome(await resetPassword(a, guess, { from })), '429 RATE_LIMITED')
})

t.test('twenty wrong codes a day end the codes of an address, however many challenges they are spread over; links go on', async (t) => {
  const { email } = await newMember(a)
  const other = await newMember(a)
  const wrong = (code: string) => (code === '000000' ? '000001' : '000000')
  for (let n = 0; n < 4; n++) {
    const { challenge, code } = await mailedReset(a, email)
    for (let tries = 0; tries < 5; tries++) {
      t.equal(outcome(await resetPassword(a, { challenge, code: wrong(code), password: 'guessed by somebody' })), '400 CHALLENGE_INVALID')
    }
  }
  const { challenge, code, token } = await mailedReset(a, email)
  const right = { challenge, code, password: 'the right code but late' }
  t.equal(outcome(await resetPassword(a, right)), '400 CHALLENGE_INVALID')
  const control = await mailedReset(a, other.email)
  t.equal(outcome(await resetPassword(a, { challenge: control.challenge, code: control.code, password: 'another address' })), '204', 'control')
  t.equal(outcome(await resetPassword(a, { token, password: 'by the link instead' })), '204')
})
