import t from 'tap'
import { createMember } from '../../src/auth/account/create-member.ts'
import { createPasswordHasher } from '../../src/security/passwords/password-hasher.ts'
import { createTestApp, password } from '../app.ts'
import { eventually } from '../eventually.ts'
import { authCalls, claimsOf, cookieHeader, outcome } from './auth-calls.ts'

const { app, data, a, b } = await createTestApp(t)
const { open, refresh, me, post, signIn } = authCalls(app)

const sidOf = (accessToken: string) => String(claimsOf(accessToken).claims.sid)

async function sessionRow(accessToken: string) {
  const { rows } = await data.owner.query('select * from sessions where id = $1', [sidOf(accessToken)])
  return rows[0]
}

/** Moves the last rotation past the race window, as time would. */
async function leaveRaceWindow(accessToken: string): Promise<void> {
  await data.owner.query(`update sessions set rotated_at = rotated_at - interval '21 seconds' where id = $1`, [sidOf(accessToken)])
}

t.test('a refresh token answers 200 with new tokens of the same session', async (t) => {
  const first = await open(a)
  const answer = await refresh(a, first.refreshToken)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.equal(answer.headers['set-cookie'], undefined)
  const second = answer.json()
  t.not(second.refreshToken, first.refreshToken)
  t.equal(sidOf(second.accessToken), sidOf(first.accessToken))
  t.equal((await me(a, second.accessToken)).json().id, a.owner.id)
  t.equal((await me(a, first.accessToken)).statusCode, 200, 'the older access token lives on until it expires')
  const row = await sessionRow(first.accessToken)
  t.equal(row.generation, 1)
  t.ok(row.idle_expires_at > Date.now() + 13.9 * 86_400_000 && row.idle_expires_at < Date.now() + 14.1 * 86_400_000, 'idle for 14 days')
  t.ok(row.expires_at > Date.now() + 89.9 * 86_400_000 && row.expires_at < Date.now() + 90.1 * 86_400_000, '90 days at most')
})

t.test('a token used again within 20 s answers 200 with the same successor and takes no step', async (t) => {
  const { accessToken, refreshToken } = await open(a)
  const [first, again] = [await refresh(a, refreshToken), await refresh(a, refreshToken)]
  t.equal(again.statusCode, 200)
  t.equal(again.json().refreshToken, first.json().refreshToken)
  t.equal((await sessionRow(accessToken)).generation, 1)
  t.equal((await refresh(a, first.json().refreshToken)).statusCode, 200)
})

t.test('a token used again after the window answers 401 AUTH_REFRESH_REUSED and ends the whole session', async (t) => {
  const { accessToken, refreshToken } = await open(a)
  const bystander = await open(a)
  const newest = (await refresh(a, refreshToken)).json()
  t.equal((await me(a, newest.accessToken)).statusCode, 200, 'alive before')
  await leaveRaceWindow(accessToken)
  t.equal(outcome(await refresh(a, refreshToken)), '401 AUTH_REFRESH_REUSED')
  t.equal(outcome(await refresh(a, newest.refreshToken)), '401 AUTH_REFRESH_INVALID', 'the newest is dead as well')
  await eventually(t, 'the access token answers 401', async () => outcome(await me(a, newest.accessToken)) === '401 AUTH_TOKEN_INVALID')
  t.match(await sessionRow(accessToken), { end_reason: 'reused', sealed_successor: null })
  t.equal((await refresh(a, bystander.refreshToken)).statusCode, 200, 'another session of the member goes on')
})

t.test('a token two generations old is reuse even within the window: 401 AUTH_REFRESH_REUSED', async (t) => {
  const { refreshToken } = await open(a)
  const second = (await refresh(a, refreshToken)).json()
  const third = (await refresh(a, second.refreshToken)).json()
  t.equal(outcome(await refresh(a, refreshToken)), '401 AUTH_REFRESH_REUSED')
  t.equal(outcome(await refresh(a, third.refreshToken)), '401 AUTH_REFRESH_INVALID')
})

t.test('a forged, changed, cut or foreign refresh token answers 401 AUTH_REFRESH_INVALID and ends nothing', async (t) => {
  const { accessToken, refreshToken } = await open(a)
  const foreign = await open(b)
  const bytes = Buffer.from(refreshToken, 'base64url')
  const flipped = (at: number) => {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy.toString('base64url')
  }
  const forged = Buffer.concat([bytes.subarray(0, 20), Buffer.alloc(48)]).toString('base64url')
  const bad = [
    ...[0, 17, 19, 20, 51, 52, 67].map(flipped),
    forged,
    refreshToken.slice(0, -1),
    `${refreshToken.slice(0, -1)}=`,
    `${refreshToken}A`,
    refreshToken
      .replaceAll(/[-_]/g, (sign) => (sign === '-' ? '+' : '/'))
      .concat('=')
      .slice(0, refreshToken.length - 1),
    sidOf(accessToken),
    accessToken.slice(0, refreshToken.length),
    foreign.refreshToken,
    'null',
    ' ',
  ]
  for (const token of bad) t.equal(outcome(await refresh(a, token)), '401 AUTH_REFRESH_INVALID', token)
  t.equal((await refresh(a, refreshToken)).statusCode, 200)
  t.equal((await refresh(b, foreign.refreshToken)).statusCode, 200)
})

t.test('a refresh token at the wrong site tells nothing apart: the same 401 as for a guess, and its session lives', async (t) => {
  const { accessToken, refreshToken } = await open(a)
  await refresh(a, refreshToken)
  await leaveRaceWindow(accessToken)
  t.equal(outcome(await refresh(b, refreshToken)), '401 AUTH_REFRESH_INVALID', 'no reuse is noticed elsewhere')
  t.equal((await sessionRow(accessToken)).ended_at, null)
})

t.test('an idle or an old session answers 401 AUTH_REFRESH_INVALID, and its access token too', async (t) => {
  for (const column of ['idle_expires_at', 'expires_at']) {
    const { accessToken, refreshToken } = await open(a)
    await data.owner.query(`update sessions set ${column} = now() where id = $1`, [sidOf(accessToken)])
    t.equal(outcome(await refresh(a, refreshToken)), '401 AUTH_REFRESH_INVALID', column)
    t.equal((await sessionRow(accessToken)).end_reason, null, 'which is no reuse')
    t.equal(outcome(await me(a, accessToken)), '401 AUTH_TOKEN_INVALID')
  }
})

t.test('a refresh never reaches past the 90th day', async (t) => {
  const { accessToken, refreshToken } = await open(a)
  await data.owner.query(`update sessions set expires_at = now() + interval '1 hour' where id = $1`, [sidOf(accessToken)])
  t.equal((await refresh(a, refreshToken)).statusCode, 200)
  const row = await sessionRow(accessToken)
  t.same(row.idle_expires_at, row.expires_at)
})

t.test('a member who was deactivated, or whose epoch moved, answers 401 AUTH_REFRESH_INVALID', async (t) => {
  const tenantId = a.id
  const hasher = createPasswordHasher({ concurrency: 1, queue: 1 })
  const db = data.open({ max: 1 }).forTenant(tenantId)
  const changes = [
    { change: `status = 'deactivated'`, restore: `status = 'active'`, email: 'deactivated@site-a.example' },
    { change: 'epoch = epoch + 1', restore: 'epoch = epoch - 1', email: 'moved@site-a.example' },
  ]
  for (const { change, restore, email } of changes) {
    const id = await createMember(db, hasher, { tenantId, email, name: 'Member', password, role: 'member' })
    const session = (await signIn(a, { email, password })).json()
    await data.owner.query(`update members set ${change} where id = $1`, [id])
    t.equal(outcome(await refresh(a, session.refreshToken)), '401 AUTH_REFRESH_INVALID', change)
    await data.owner.query(`update members set ${restore} where id = $1`, [id])
    t.equal((await refresh(a, session.refreshToken)).statusCode, 200, 'nothing else stood in the way')
  }
})

t.test('the 61st refresh of a minute answers 429 RATE_LIMITED with Retry-After and spends nothing', async (t) => {
  let { refreshToken } = await open(a)
  for (let n = 0; n < 60; n++) refreshToken = (await refresh(a, refreshToken)).json().refreshToken
  const refused = await refresh(a, refreshToken)
  t.equal(outcome(refused), '429 RATE_LIMITED')
  t.match(refused.headers['retry-after'], /^[1-9]\d?$/)
  const other = await open(a)
  t.equal((await refresh(a, other.refreshToken)).statusCode, 200, 'another session counts for itself')
})

t.test('by cookie the new tokens come in cookies: 200, also without a body', async (t) => {
  const signedIn = await signIn(a, { email: a.owner.email, password, transport: 'cookie' })
  const cookie = cookieHeader(signedIn)
  for (const payload of [{}, undefined]) {
    const answer = await post(a, '/v1/auth/refresh', payload, { headers: { cookie, 'sec-fetch-site': 'same-origin' } })
    t.equal(answer.statusCode, 200, payload ? 'with an empty object' : 'without a body')
    t.same(Object.keys(answer.json()).sort(), ['accessToken', 'expiresIn', 'tokenType'])
    t.not(cookieHeader(answer), cookie)
    for (const { httpOnly, secure, sameSite, path } of answer.cookies)
      t.match({ httpOnly, secure, sameSite, path }, { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
  }
})

t.test('a dead refresh cookie answers 401 and is cleared', async (t) => {
  const signedIn = await signIn(a, { email: a.owner.email, password, transport: 'cookie' })
  await data.owner.query('update sessions set ended_at = now() where id = $1', [sidOf(signedIn.json().accessToken)])
  const answer = await post(a, '/v1/auth/refresh', {}, { headers: { cookie: cookieHeader(signedIn), 'sec-fetch-site': 'same-origin' } })
  t.equal(outcome(answer), '401 AUTH_REFRESH_INVALID')
  t.same(answer.cookies.map(({ name, value }) => [name, value]).sort(), [
    ['__Host-access', ''],
    ['__Host-refresh', ''],
  ])
})

t.test('neither cookie nor body answers 401, and a token in any other shape 400', async (t) => {
  t.equal(outcome(await post(a, '/v1/auth/refresh', {})), '401 AUTH_REFRESH_INVALID')
  for (const body of [{ refreshToken: { not: '' } }, { refreshToken: '' }, { refreshToken: 'x'.repeat(201) }, { token: 'x' }, []]) {
    t.equal(outcome(await post(a, '/v1/auth/refresh', body)), '400 REQUEST_INVALID', JSON.stringify(body))
  }
})
