import t from 'tap'
import { createTestApp } from '../../app.ts'
import { authCalls, claimsOf, outcome } from '../auth-calls.ts'
import { inCountry, sessionTools, sidOf } from './session-calls.ts'

const tools = await createTestApp(t)
const { app, data, a, another } = tools
const copy = await another()
const { refresh } = authCalls(app)
const { addMember, openAs, mailsOf, sessionRow, eventsOf } = sessionTools(tools)

t.test(
  'a refresh token used again tells the member by mail and in the audit log, once however many copies come: 401 AUTH_REFRESH_REUSED',
  async (t) => {
    const email = 'reused@people.example'
    const id = await addMember(a, email)
    const first = await openAs(a, email)
    await refresh(a, (await refresh(a, first.refreshToken)).json().refreshToken)
    t.same(await mailsOf(email, 'session-reused'), [], 'not by itself')
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => refresh(a, first.refreshToken, { on: n % 2 ? app : copy, from: inCountry.us })),
    )
    const outcomes = new Set(answers.map(outcome))
    t.ok(outcomes.has('401 AUTH_REFRESH_REUSED'))
    for (const other of outcomes) t.ok(['401 AUTH_REFRESH_REUSED', '401 AUTH_REFRESH_INVALID'].includes(other), other)
    t.match(await mailsOf(email, 'session-reused'), [{ variables: { name: 'Ana', when: /^\d{4}-/ }, recipient: email }])
    const events = (await eventsOf('session.reused')).filter(({ target }) => target === sidOf(first.accessToken))
    t.match(events, [{ actor_kind: 'visitor', address: inCountry.us, details: { member: id } }])
    t.match(await sessionRow(first.accessToken), { end_reason: 'reused', sealed_successor: null })
    t.equal(outcome(await refresh(a, first.refreshToken)), '401 AUTH_REFRESH_INVALID')
    t.equal((await mailsOf(email, 'session-reused')).length, 1)
  },
)

t.test('where the mail cannot be written the session does not end in silence', async (t) => {
  const email = 'together@people.example'
  await addMember(a, email)
  const first = await openAs(a, email)
  await refresh(a, (await refresh(a, first.refreshToken)).json().refreshToken)
  await data.owner.query('revoke insert on mail_messages from tenantry_app')
  t.equal((await refresh(a, first.refreshToken)).statusCode, 500)
  t.equal((await sessionRow(first.accessToken)).ended_at, null)
  await data.owner.query('grant insert on mail_messages to tenantry_app')
  t.equal(outcome(await refresh(a, first.refreshToken)), '401 AUTH_REFRESH_REUSED')
})

t.test('tokens say when and how their holder proved who they are; a refresh does not move that on', async (t) => {
  await addMember(a, 'claims@people.example')
  const first = await openAs(a, 'claims@people.example')
  const { claims } = claimsOf(first.accessToken)
  t.same(claims.amr, ['pwd'])
  t.ok(Math.abs(Number(claims.auth_time) - Date.now() / 1000) < 60)
  await data.owner.query(`update sessions set authenticated_at = now() - interval '1 hour', methods = '{password,totp}' where id = $1`, [claims.sid])
  const [winner, loser] = await Promise.all([refresh(a, first.refreshToken), refresh(a, first.refreshToken, { on: copy })])
  for (const answer of [winner, loser]) {
    const { claims: later } = claimsOf(answer.json().accessToken)
    t.same(later.amr, ['pwd', 'otp', 'mfa'])
    t.ok(Math.abs(Number(later.auth_time) - (Date.now() / 1000 - 3_600)) < 60)
  }
})
