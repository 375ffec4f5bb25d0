import t, { type Test } from 'tap'
import { reauthenticate } from '../../../src/auth/sessions/reauthenticate.ts'
import { createTestApp, password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { addConsole } from '../../platform/operators/console.ts'
import { authCalls, type CallOptions, claimsOf, cookieHeader, outcome } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'
import { bearer, cookieNamed, sessionTools, sidOf } from './session-calls.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, another } = tools
const copy = await another()
const { post, signIn, me, refresh } = authCalls(app)
const { mint } = accountCalls(tools)
const { addMember, openAs, ageProof, sessionRow, eventsOf } = sessionTools(tools)
const prove = (accessToken: string, payload: object, options?: CallOptions) =>
  post(a, '/v1/auth/reauthenticate', payload, bearer(accessToken, options))
const fresh = async (accessToken: string, on = app) => outcome(await post(a, '/v1/me/sessions/end-others', {}, bearer(accessToken, { on })))
let members = 0

/** A member whose last proof is an hour ago. */
async function stale() {
  const email = `again${++members}@people.example`
  const id = await addMember(a, email)
  const tokens = await openAs(a, email)
  await ageProof(tokens.accessToken, 3_600)
  return { ...tokens, email, id }
}

t.test('the password answers 204 and opens sensitive routes for ten minutes, on every copy', async (t) => {
  const { accessToken } = await stale()
  for (const on of [app, copy]) t.equal(await fresh(accessToken, on), '403 AUTH_PROOF_NEEDED')
  const answer = await prove(accessToken, { password })
  t.equal(answer.statusCode, 204)
  t.equal(answer.headers['set-cookie'], undefined, 'who has no cookies gets none')
  for (const on of [copy, app]) t.equal(await fresh(accessToken, on), '204')
  t.same((await sessionRow(accessToken)).methods, ['password'], 'named once')
  t.match(
    (await eventsOf('session.reauthenticated')).filter(({ target }) => target === sidOf(accessToken)),
    [{ actor_kind: 'member', details: { methods: ['password'] } }],
  )
  await ageProof(accessToken, 601)
  t.equal(await fresh(accessToken), '403 AUTH_PROOF_NEEDED')
})

t.test('a wrong password answers 403 AUTH_PROOF_WRONG, and the session goes on', async (t) => {
  const { accessToken } = await stale()
  t.equal(outcome(await prove(accessToken, { password: 'wrong' })), '403 AUTH_PROOF_WRONG')
  t.equal(await fresh(accessToken), '403 AUTH_PROOF_NEEDED')
  t.equal((await me(a, accessToken)).statusCode, 200)
})

t.test(
  'after five wrong proofs of a member, over all sessions, the right one waits too: 429; what a stranger fails at elsewhere is not counted',
  async (t) => {
    const { accessToken, email } = await stale()
    const other = (await signIn(a, { email, password })).json()
    for (let n = 0; n < 6; n++) await signIn(a, { email, password: 'a stranger guesses' })
    t.equal(outcome(await signIn(a, { email, password })), '429 RATE_LIMITED')
    t.equal((await prove(accessToken, { password })).statusCode, 204)
    for (let n = 0; n < 3; n++) await prove(accessToken, { password: 'wrong' })
    for (let n = 0; n < 2; n++) await prove(other.accessToken, { password: 'wrong' })
    t.equal(outcome(await prove(accessToken, { password })), '429 RATE_LIMITED')
  },
)

t.test('the 11th try of a minute from one network answers 429 RATE_LIMITED', async (t) => {
  const { accessToken } = await stale()
  const from = '192.0.2.77'
  for (let n = 0; n < 10; n++) t.equal((await prove(accessToken, { password }, { from })).statusCode, 204)
  t.equal(outcome(await prove(accessToken, { password }, { from })), '429 RATE_LIMITED')
})

t.test('who has a second factor needs it too: 403 AUTH_FACTOR_NEEDED, unless the site asks nobody for one', async (t) => {
  const { accessToken, id } = await stale()
  await data.owner.query(
    `insert into totp_factors (tenant_id, id, member_id, name, sealed_secret) values ($1, gen_random_uuid(), $2, 'Phone', 'x')`,
    [a.id, id],
  )
  t.equal((await prove(accessToken, { password })).statusCode, 204, 'one that is not confirmed does not count')
  await data.owner.query('update totp_factors set confirmed_at = now() where member_id = $1', [id])
  await ageProof(accessToken, 3_600)
  t.equal(outcome(await prove(accessToken, { password: 'wrong' })), '403 AUTH_PROOF_WRONG', 'not before the first is right')
  t.equal(outcome(await prove(accessToken, { password })), '403 AUTH_FACTOR_NEEDED')
  t.equal(await fresh(accessToken), '403 AUTH_PROOF_NEEDED')
  await policy(t, { second_factor: 'off' })
  await eventually(t, 'the policy is known', async () => outcome(await prove(accessToken, { password })) === '204')
})

t.test('with the factor the session has both methods; a factor that is wrong changes nothing, and TOTP alone is not enough', async (t) => {
  const { accessToken, id } = await stale()
  await data.owner.query(
    `insert into totp_factors (tenant_id, id, member_id, name, sealed_secret, confirmed_at) values ($1, gen_random_uuid(), $2, 'Phone', 'x', now())`,
    [a.id, id],
  )
  const shown = async (proofs: Parameters<typeof reauthenticate>[1]) => within(accessToken, (request) => reauthenticate(request, proofs))
  const first = { password }
  t.equal(await shown({ first, second: async () => undefined }), 'AUTH_PROOF_WRONG')
  t.equal(await shown({ second: async () => ({ method: 'totp' }) }), 'AUTH_PROOF_WRONG')
  t.equal(await fresh(accessToken), '403 AUTH_PROOF_NEEDED')
  t.equal(await shown({ first, second: async () => ({ method: 'totp' }) }), undefined)
  t.same((await sessionRow(accessToken)).methods, ['password', 'totp'])
  await ageProof(accessToken, 3_600)
  t.equal(await shown({ second: async () => ({ method: 'passkey' }) }), undefined, 'a passkey that verified its user is both in one')
  t.equal(await fresh(accessToken), '204')
})

t.test('a mailed code proves it for who has no password, once, and for nobody else: 403 AUTH_PROOF_WRONG', async (t) => {
  const [bare, other, guarded] = [await stale(), await stale(), await stale()]
  await data.owner.query('delete from passwords where member_id = any($1)', [[bare.id, other.id]])
  const mailed = async (email: string) => {
    const { challenge, code } = await mint(a, (await post(a, '/v1/auth/mailed-sign-in', { email })).json().challenge)
    return { challenge, code }
  }
  t.equal(outcome(await prove(guarded.accessToken, await mailed(guarded.email))), '403 AUTH_PROOF_WRONG', 'who has a password is asked for it')
  const proof = await mailed(bare.email)
  t.equal(outcome(await prove(other.accessToken, proof)), '403 AUTH_PROOF_WRONG', 'another member')
  t.equal(outcome(await prove(bare.accessToken, { ...proof, code: proof.code === '000000' ? '000001' : '000000' })), '403 AUTH_PROOF_WRONG')
  const answers = await Promise.all(Array.from({ length: 5 }, () => prove(bare.accessToken, proof)))
  t.same(answers.map(outcome).filter((text) => text === '204').length <= 1, true, 'spent once')
  if (!answers.some(({ statusCode }) => statusCode === 204)) t.equal((await prove(bare.accessToken, proof)).statusCode, 204)
  t.same((await sessionRow(bare.accessToken)).methods, ['password', 'email-code'])
  t.equal(await fresh(bare.accessToken), '204')
})

t.test('a browser gets new cookies, whose token says when the proof was shown: 204', async (t) => {
  const { email } = await stale()
  const signedIn = await signIn(a, { email, password, transport: 'cookie' })
  await ageProof(signedIn.json().accessToken, 3_600)
  const headers = { cookie: cookieHeader(signedIn), 'sec-fetch-site': 'same-origin' }
  const answer = await post(a, '/v1/auth/reauthenticate', { password }, { headers })
  t.equal(answer.statusCode, 204)
  t.equal(answer.body, '')
  t.not(cookieNamed(answer, '__Host-refresh'), cookieNamed(signedIn, '__Host-refresh'))
  const { claims } = claimsOf(cookieNamed(answer, '__Host-access') ?? '')
  t.equal(claims.sid, sidOf(signedIn.json().accessToken))
  t.ok(Math.abs(Number(claims.auth_time) - Date.now() / 1000) < 60)
  t.equal((await refresh(a, cookieNamed(answer, '__Host-refresh') ?? '')).statusCode, 200)
})

t.test('an operator who acts as the member answers 403 AUTH_OPERATOR_REFUSED, also with the right password', async (t) => {
  const { accessToken } = await stale()
  await data.owner.query('update sessions set operator = $2 where id = $1', [sidOf(accessToken), (await addConsole(tools)).owner.id])
  t.equal(outcome(await prove(accessToken, { password })), '403 AUTH_OPERATOR_REFUSED')
})

t.test('any other shape answers 400 REQUEST_INVALID, and without a session 401', async (t) => {
  const { accessToken } = await stale()
  for (const body of [{}, { password: 1 }, { password: '' }, { password, code: '123456' }, { code: '123456' }, { password, member: 'x' }, []]) {
    t.equal(outcome(await prove(accessToken, body)), '400 REQUEST_INVALID', JSON.stringify(body))
  }
  t.equal(outcome(await post(a, '/v1/auth/reauthenticate', { password })), '401 AUTH_REQUIRED')
})

async function policy(t: Test, values: { second_factor: string }): Promise<void> {
  await data.owner.query(
    `insert into auth_policies (tenant_id, second_factor) values ($1, $2) on conflict (tenant_id) do update set second_factor = excluded.second_factor`,
    [a.id, values.second_factor],
  )
  t.teardown(() => data.owner.query('delete from auth_policies where tenant_id = $1', [a.id]))
}

/** What a flow throws that runs with this session, as a flow of another room would call it. */
async function within(accessToken: string, work: (request: Parameters<typeof reauthenticate>[0]) => Promise<void>): Promise<string | undefined> {
  const { sid: sessionId, sub: memberId } = claimsOf(accessToken).claims
  const { rows } = await data.owner.query('select email from members where id = $1', [memberId])
  const tenant = { id: a.id, kind: 'site', version: Math.random() }
  const session = { sessionId, memberId, member: { email: rows[0].email, operator: null } }
  const caller = { kind: 'member', id: memberId, permissions: [] }
  const request = { tenant, db: app.database.forTenant(a.id), server: app, session, caller, ip: '198.18.255.1', headers: {}, cookies: {} }
  return work(Object.assign(Object.create(null), request)).then(
    () => undefined,
    (error) => error.code ?? String(error),
  )
}
