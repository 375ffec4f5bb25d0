import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { createTestApp, password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { addConsole, reason } from '../../platform/operators/console.ts'
import { authCalls, claimsOf, outcome } from '../auth-calls.ts'

const test = await createTestApp(t)
const { app, data, a, b, another } = test
const console = await addConsole(test)
const { me, open, post, refresh, send, signIn } = authCalls(app)
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const invalid = '400 OPERATOR_ENTRY_INVALID'
const dead = '401 AUTH_TOKEN_INVALID'

const member = await add(a, 'ana@site-a.example', 'Ana', 'admin')
await add(a, 'second@site-a.example', 'Second owner', 'owner')

async function add(site: { id: string }, email: string, name: string, role: string) {
  const db = data.open({ max: 1 }).forTenant(site.id)
  return { id: await createMember(db, app.hasher, { tenantId: site.id, email, name, password, role }), email }
}

async function tokenFor(email = member.email): Promise<string> {
  const { accessToken } = await open(console)
  const answer = await post(console, '/v1/sites/site-a/entries', { member: email, reason }, bearer(accessToken))
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json().token
}
const enter = (token: string, more: object = {}, site: { host: string } = a) => post(site, '/v1/auth/enter', { token, ...more })
async function entered(): Promise<string> {
  const answer = await enter(await tokenFor())
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.json().accessToken
}
const sessionsOf = async () => (await data.owner.query('select * from sessions where operator is not null order by id')).rows

t.test('the token opens a session as the member, for half an hour and without a refresh token: 200', async (t) => {
  const answer = await enter(await tokenFor())
  t.equal(answer.statusCode, 200, answer.body)
  const { accessToken, refreshToken, expiresIn } = answer.json()
  t.equal(refreshToken, undefined)
  const { claims } = claimsOf(accessToken)
  t.match(claims, { sub: member.id, iss: 'https://site-a.example', tid: a.id, act: { sub: console.owner.id, iss: 'https://console.example' } })
  const [session] = await sessionsOf()
  t.match(session, { member_id: member.id, methods: ['operator'], operator: console.owner.id, operator_reason: reason })
  t.equal(Math.round((session.expires_at - session.created_at) / 60_000), 30)
  t.strictSame(session.expires_at, session.idle_expires_at)
  t.ok(expiresIn > 1_750 && Number(claims.exp) * 1000 <= session.expires_at.getTime(), 'the access token does not outlive it')
  const shown = (await me(a, accessToken)).json()
  t.match(shown, { id: member.id, email: member.email, operator: { reason } })
  t.strictSame(Object.keys(shown.operator), ['reason'], 'who it is, is not told')
})

t.test('member and owners are told by mail, in the site’s language, and both logs have it', async (t) => {
  const { rows: mails } = await data.owner.query(`select * from mail_messages where kind = 'operator-access' order by recipient`)
  t.strictSame(
    mails.map(({ recipient }) => recipient),
    [member.email, a.owner.email, 'second@site-a.example'],
  )
  t.match(mails[0], { tenant_id: a.id, locale: 'pt', variables: { operator: 'Olga Operator', member: 'Ana', reason } })
  const { rows } = await data.owner.query(`select * from audit_events where action = 'operator.entered' order by actor_kind, tenant_id`)
  const [here, there] = [rows.find((row) => row.tenant_id === a.id), rows.find((row) => row.tenant_id === console.id)]
  t.match(here, { actor_kind: 'operator', actor: console.owner.id, acting_as: member.id, target_kind: 'session', details: { reason } })
  t.match(there, { actor_kind: 'operator', actor: console.owner.id, target: a.id, details: { reason, member: member.id, site: 'site-a' } })
})

t.test('what is done in it is the operator’s in the log', async (t) => {
  const token = await entered()
  const payload = { subject: 'Olá', body: 'Uma mensagem de teste.' }
  const answer = await send(a, { method: 'PUT', url: '/v1/mail/templates/test/pt', payload }, bearer(token))
  t.equal(answer.statusCode, 200, answer.body)
  const { rows } = await data.owner.query(`select * from audit_events where action = 'mail-template.changed'`)
  t.match(rows, [{ actor_kind: 'operator', actor: console.owner.id, acting_as: member.id }])
})

t.test('sensitive acts and the member’s own account are refused to it: 403 AUTH_OPERATOR_REFUSED', async (t) => {
  await data.owner.query(`update roles set permissions = permissions || '{keys:write}' where tenant_id = $1 and slug = 'admin'`, [a.id])
  const token = await entered()
  const refused = '403 AUTH_OPERATOR_REFUSED'
  t.equal(outcome(await post(a, '/v1/api-keys', { name: 'x', permissions: ['mail:read'] }, bearer(token))), refused)
  t.equal(outcome(await post(a, '/v1/auth/sign-out', { everywhere: true }, bearer(token))), refused)
  t.equal((await me(a, token)).statusCode, 200, 'the session still is')
  t.equal(outcome(await post(a, '/v1/auth/sign-out', undefined, bearer(token))), '204')
  await eventually(t, 'it has ended', async () => outcome(await me(a, token)) === dead)
})

t.test('one token used fifty times at once opens one session and sends its mails once', async (t) => {
  const before = { sessions: (await sessionsOf()).length, mails: await mails() }
  const token = await tokenFor()
  const answers: LightMyRequestResponse[] = await Promise.all(Array.from({ length: 50 }, () => enter(token)))
  const outcomes = answers.map(outcome)
  t.equal(outcomes.filter((one) => one === '200').length, 1, outcomes.join())
  t.ok(outcomes.every((one) => ['200', invalid, '503 OVERLOADED'].includes(one)))
  t.equal((await sessionsOf()).length, before.sessions + 1)
  t.equal(await mails(), before.mails + 3)
})
const mails = async () => (await data.owner.query(`select count(*)::int as n from mail_messages where kind = 'operator-access'`)).rows[0].n

t.test('a token after its minute, spent, unknown, or at another site’s host answers 400 OPERATOR_ENTRY_INVALID', async (t) => {
  const before = (await sessionsOf()).length
  const late = await tokenFor()
  await data.owner.query(`update operator_entries set expires_at = now() - interval '1 second' where spent_at is null`)
  t.equal(outcome(await enter(late)), invalid)
  const token = await tokenFor()
  for (const site of [b, console]) t.equal(outcome(await enter(token, {}, site)), invalid, site.host)
  t.equal(outcome(await enter('A'.repeat(43))), invalid)
  for (const wrong of ['', 'x', 'A'.repeat(44), 7, null, [token], { token }]) {
    t.equal(outcome(await post(a, '/v1/auth/enter', { token: wrong })), '400 REQUEST_INVALID', JSON.stringify(wrong))
  }
  t.equal((await sessionsOf()).length, before)
  t.equal(outcome(await enter(token)), '200', 'control: at its own host it is still good')
  t.equal(outcome(await enter(token)), invalid, 'and only once')
})

t.test('the thirty-first try of a minute from one network answers 429 RATE_LIMITED, and a good token then too', async (t) => {
  const from = '198.51.100.7'
  const token = await tokenFor()
  for (let n = 0; n < 30; n++) t.equal(outcome(await post(a, '/v1/auth/enter', { token: 'A'.repeat(43) }, { from })), invalid)
  t.equal(outcome(await post(a, '/v1/auth/enter', { token }, { from })), '429 RATE_LIMITED')
  t.equal(outcome(await enter(token)), '200', 'control: it was not spent')
})

t.test('a member who was deactivated meanwhile, and an operator who is none any more, do not get in: 400', async (t) => {
  const gone = await add(a, 'gone@site-a.example', 'Gone', 'member')
  const token = await tokenFor(gone.email)
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [gone.id])
  t.equal(outcome(await enter(token)), invalid)
  const other = await tokenFor()
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [console.owner.id])
  t.equal(outcome(await enter(other)), invalid)
  await data.owner.query(`update members set status = 'active' where id = $1`, [console.owner.id])
  t.equal(outcome(await enter(other)), '200', 'control')
})

t.test('an operator who is deactivated, or loses the permission, is out within 2 s on every copy', async (t) => {
  const elsewhere = await another()
  const token = await entered()
  const in_ = async () => await Promise.all([app, elsewhere].map(async (on) => outcome(await me(a, token, { on }))))
  t.strictSame(await in_(), ['200', '200'])
  t.strictSame(await in_(), ['200', '200'], 'from memory')
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [console.owner.id])
  await eventually(t, 'deactivated, it answers 401', async () => (await in_()).every((one) => one === dead))
  await data.owner.query(`update members set status = 'active' where id = $1`, [console.owner.id])
  await eventually(t, 'active again, it answers 200', async () => (await in_()).every((one) => one === '200'))
  await data.owner.query(`update roles set permissions = array_remove(permissions, 'operators:write') where tenant_id = $1 and slug = 'operator'`, [
    console.id,
  ])
  await eventually(t, 'without the permission, 401', async () => (await in_()).every((one) => one === dead))
  await data.owner.query(`update roles set permissions = permissions || '{operators:write}' where tenant_id = $1 and slug = 'operator'`, [console.id])
  await eventually(t, 'with it again, 200', async () => (await in_()).every((one) => one === '200'))
  await data.owner.query('delete from member_roles where tenant_id = $1', [console.id])
  await eventually(t, 'without the role, 401', async () => (await in_()).every((one) => one === dead))
  const { rows } = await data.owner.query(`select id from roles where tenant_id = $1 and slug = 'operator'`, [console.id])
  await data.owner.query('insert into member_roles values ($1, $2, $3)', [console.id, console.owner.id, rows[0].id])
})

t.test('nothing continues the session: not even a refresh token made for it, 401', async (t) => {
  const token = await entered()
  const forged = app.refreshTokens.issue(a.id, { sessionId: String(claimsOf(token).claims.sid), generation: 0 })
  await data.owner.query('update sessions set refresh_hash = sha256($2::bytea) where id = $1', [claimsOf(token).claims.sid, Buffer.from(forged)])
  t.match(outcome(await refresh(a, forged)), /^401 AUTH_REFRESH_(INVALID|REUSED)$/)
})

t.test('after half an hour it is over', async (t) => {
  const token = await entered()
  t.equal(outcome(await me(a, token)), '200')
  await data.owner.query(`update sessions set expires_at = now() where id = $1`, [claimsOf(token).claims.sid])
  t.equal(outcome(await me(a, token, { on: await another() })), dead, 'where it is read anew')
})

t.test('with cookies the one of access is set and those of a session before are dropped', async (t) => {
  const before = await signIn(a, { email: a.owner.email, password, transport: 'cookie' })
  t.ok(before.cookies.some(({ name }) => name === '__Host-refresh'))
  const answer = await enter(await tokenFor(), { transport: 'cookie' })
  t.equal(answer.statusCode, 200)
  const set = Object.fromEntries(answer.cookies.map(({ name, value, maxAge }) => [name, { value, maxAge }]))
  t.ok(set['__Host-access']?.value)
  t.equal(set['__Host-refresh']?.value, '')
  t.equal(answer.json().refreshToken, undefined)
})

t.test('where the hub’s own log cannot be written there is no session', async (t) => {
  const token = await tokenFor()
  const before = (await sessionsOf()).filter(({ ended_at }) => !ended_at).length
  await data.owner.query(`alter table audit_events add constraint broken check (tenant_id <> '${console.id}') not valid`)
  t.equal(outcome(await enter(token)), '500 INTERNAL')
  await data.owner.query('alter table audit_events drop constraint broken')
  t.equal((await sessionsOf()).filter(({ ended_at }) => !ended_at).length, before)
})

t.test('the page that takes the token spends it by its button alone, and leads to the site: 303', async (t) => {
  const token = await tokenFor()
  const page = async () => await send(a, { url: `/account/enter?token=${token}` })
  for (const answer of [await page(), await page()]) {
    t.equal(answer.statusCode, 200)
    t.match(answer.body, `value="${token}"`)
    t.match(answer.headers['content-security-policy'], "form-action 'self'")
  }
  const press = async (payload: string) =>
    await send(a, { method: 'POST', url: '/account/enter', payload }, { headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  const answer = await press(`token=${token}`)
  t.equal(answer.statusCode, 303, answer.body)
  t.equal(answer.headers.location, '/')
  const access = answer.cookies.find(({ name }) => name === '__Host-access')
  t.match((await me(a, String(access?.value))).json(), { id: member.id, operator: { reason } })
  const again = await press(`token=${token}`)
  t.equal(again.statusCode, 400)
  t.notMatch(again.body, '<form')
  t.equal((await press('token=x')).statusCode, 400)
})
