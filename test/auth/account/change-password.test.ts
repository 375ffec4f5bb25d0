import t from 'tap'
import { createFailureDelay } from '../../../src/security/failure-delay.ts'
import { createTestApp, password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { addConsole } from '../../platform/operators/console.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'
import { type SignedIn, signedInCalls } from './signed-in.ts'

let clock = 1_000_000_000
const tools = await createTestApp(t, { overrides: { limits: { ...openLimits(), failedSignIns: createFailureDelay(() => clock) } } })
const { app, data, a, b, another } = tools
const copy = await another()
const { me, signIn, refresh } = authCalls(app)
const { mailedReset, resetPassword, mailsTo, challengeRow } = accountCalls(tools)
const { newMember, again, ask, proofOf, auditOf } = signedInCalls(tools)
const change = (member: { accessToken: string }, payload: object, headers: Record<string, string> = {}) =>
  ask(a, member, { method: 'POST', url: '/v1/me/password', payload }, { headers })
const next = 'the second password'

t.test('with the current password: 204; every other session ends, this one goes on, and the member is told by mail', async (t) => {
  const mine = await newMember(a)
  const other = await again(a, mine)
  for (const on of [app, copy]) for (const { accessToken } of [mine, other]) t.equal((await me(a, accessToken, { on })).statusCode, 200, 'control')
  const answer = await change(mine, { password: next, currentPassword: password }, { 'user-agent': 'Mozilla/5.0 (X11; Linux) Firefox/150.0' })
  t.equal(outcome(answer), '204')
  t.equal(answer.headers['cache-control'], 'no-store')
  for (const on of [app, copy]) {
    await eventually(t, 'the other session is over', async () => (await me(a, other.accessToken, { on })).statusCode === 401)
    t.equal((await me(a, mine.accessToken, { on })).statusCode, 200, 'this one is not')
  }
  t.equal(outcome(await refresh(a, other.refreshToken)), '401 AUTH_REFRESH_INVALID')
  t.equal(outcome(await refresh(a, mine.refreshToken)), '200')
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '401 AUTH_INVALID_CREDENTIALS')
  t.equal(outcome(await signIn(a, { email: mine.email, password: next })), '200')
  const mails = await mailsTo(a, mine.email)
  t.match(mails, [{ kind: 'password-changed', variables: { device: 'Firefox, Linux' } }])
  t.match(await auditOf(a, mine.id), [{ action: 'password.changed', actor_kind: 'member', actor: mine.id }])
})

t.test('a wrong or missing current password answers 403 AUTH_PASSWORD_WRONG and changes nothing', async (t) => {
  const mine = await newMember(a)
  t.equal(outcome(await change(mine, { password: next, currentPassword: 'wrong' })), '403 AUTH_PASSWORD_WRONG')
  t.equal(outcome(await change(mine, { password: next })), '403 AUTH_PASSWORD_WRONG')
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200')
  t.same(await mailsTo(a, mine.email), [])
  t.same(await auditOf(a, mine.id), [])
})

t.test('a weak password answers 400 PASSWORD_WEAK, that with the own name or address too, and changes nothing', async (t) => {
  const mine = await newMember(a, { name: 'Januária Lima' })
  for (const weak of ['ninesigns', 'qwertyuiop', 'januaria januaria', mine.email]) {
    t.equal(outcome(await change(mine, { password: weak, currentPassword: password })), '400 PASSWORD_WEAK', weak)
  }
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200')
  t.equal(outcome(await change(mine, { password: next, currentPassword: password })), '204', 'control')
})

t.test('wrong current passwords are counted: 429 until the wait is over; what a stranger fails at elsewhere is not', async (t) => {
  const mine = await newMember(a)
  for (let n = 0; n < 6; n++) await signIn(a, { email: mine.email, password: 'a stranger guesses' })
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '429 RATE_LIMITED')
  for (let n = 0; n < 5; n++) t.equal(outcome(await change(mine, { password: next, currentPassword: 'wrong' })), '403 AUTH_PASSWORD_WRONG')
  t.equal(outcome(await change(mine, { password: next, currentPassword: password })), '429 RATE_LIMITED')
  clock += 301_000
  t.equal(outcome(await change(mine, { password: next, currentPassword: password })), '204')
  t.equal(outcome(await signIn(a, { email: mine.email, password: next })), '200', 'and the count begins anew')
})

t.test('an account without a password gets a first one: 204', async (t) => {
  const mine = await newMember(a)
  await data.owner.query('delete from passwords where member_id = $1', [mine.id])
  t.equal(outcome(await change(mine, { password: next })), '204')
  t.equal(outcome(await signIn(a, { email: mine.email, password: next })), '200')
})

t.test('links to reset the password are void afterwards: 400 CHALLENGE_INVALID; another member’s stay good', async (t) => {
  const [mine, other] = [await newMember(a), await newMember(a)]
  const [void_, good] = [await mailedReset(a, mine.email), await mailedReset(a, other.email)]
  t.equal(outcome(await change(mine, { password: next, currentPassword: password })), '204')
  t.equal(outcome(await resetPassword(a, { token: void_.token, password: 'the third password' })), '400 CHALLENGE_INVALID')
  t.ok((await challengeRow(void_.challenge)).spent_at)
  t.equal(outcome(await resetPassword(a, { token: good.token, password: 'the third password' })), '204', 'control')
})

t.test('of changes at once one wins: the others are refused, and the password is the winner’s', async (t) => {
  const mine = await newMember(a)
  const answers = await Promise.all([1, 2, 3, 4].map((n) => change(mine, { password: `password number ${n}`, currentPassword: password })))
  const outcomes = answers.map(outcome)
  t.equal(outcomes.filter((one) => one === '204').length, 1, outcomes.join())
  t.ok(outcomes.every((one) => one === '204' || one === '401 AUTH_TOKEN_INVALID' || one === '403 AUTH_PASSWORD_WRONG'))
  t.equal(outcome(await signIn(a, { email: mine.email, password: `password number ${outcomes.indexOf('204') + 1}` })), '200')
  t.equal((await me(a, mine.accessToken)).statusCode, 200, 'the session goes on')
})

t.test('it takes a session of this site with a recent proof: 401 and 403 AUTH_PROOF_NEEDED', async (t) => {
  const mine = await newMember(a)
  const body = { password: next, currentPassword: password }
  t.equal(outcome(await ask(b, mine, { method: 'POST', url: '/v1/me/password', payload: body })), '401 AUTH_TOKEN_INVALID')
  t.equal(outcome(await change({ accessToken: 'x.y.z' }, body)), '401 AUTH_TOKEN_INVALID')
  await proofOf(mine, 601)
  t.equal(outcome(await change(mine, body)), '403 AUTH_PROOF_NEEDED')
  await proofOf(mine, 590)
  t.equal(outcome(await change(mine, body)), '204', 'control')
})

t.test('an operator who acts as the member is refused: 403 AUTH_OPERATOR_REFUSED', async (t) => {
  const mine = await newMember(a)
  const { owner: operator } = await addConsole(tools)
  await data.owner.query(`update sessions set operator = $2, operator_reason = 'They asked for help' where member_id = $1`, [mine.id, operator.id])
  t.equal(outcome(await change(mine, { password: next, currentPassword: password })), '403 AUTH_OPERATOR_REFUSED')
})

t.test('roles, tenants, members and anything else that is off answer 400 REQUEST_INVALID', async (t) => {
  const mine: SignedIn = await newMember(a)
  const right = { password: next, currentPassword: password }
  const bodies: Record<string, object> = {
    long: { ...right, password: 'x'.repeat(1025) },
    'a number': { ...right, password: 1234567890 },
    'an object for the current one': { ...right, currentPassword: { not: '' } },
    'a role': { ...right, role: 'owner' },
    'a tenant': { ...right, tenantId: b.id },
    'a member': { ...right, memberId: a.owner.id },
    nothing: {},
  }
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await change(mine, body)), '400 REQUEST_INVALID', title)
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200', 'nothing was changed')
})

t.test('where the mail cannot be written nothing is changed', async (t) => {
  const mine = await newMember(a)
  const other = await again(a, mine)
  await data.owner.query(`alter table mail_messages add constraint none check (kind <> 'password-changed') not valid`)
  t.equal((await change(mine, { password: next, currentPassword: password })).statusCode, 500)
  await data.owner.query('alter table mail_messages drop constraint none')
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200')
  t.equal((await me(a, other.accessToken)).statusCode, 200)
})
