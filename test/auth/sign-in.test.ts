import t from 'tap'
import { createMember } from '../../src/auth/account/create-member.ts'
import { createPasswordHasher } from '../../src/security/passwords/password-hasher.ts'
import { createTestApp, password } from '../app.ts'
import { authCalls, claimsOf, cookieHeader, outcome, withoutRequestId } from './auth-calls.ts'

const { app, data, a, b } = await createTestApp(t)
const { post, signIn, open, refresh, me, send } = authCalls(app)
const hasher = createPasswordHasher({ concurrency: 2, queue: 10 })
const dbOf = (tenantId: string) => data.open({ max: 2 }).forTenant(tenantId)

t.test('the right password answers 200 with an ES256 token of this site, member and session for about ten minutes', async (t) => {
  const answer = await signIn(a, { email: a.owner.email, password })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.equal(answer.headers['set-cookie'], undefined, 'no cookie unless asked for')
  const tokens = answer.json()
  t.same(Object.keys(tokens).sort(), ['accessToken', 'expiresIn', 'refreshToken', 'tokenType'])
  t.equal(tokens.tokenType, 'Bearer')
  const { header, claims } = claimsOf(tokens.accessToken)
  const { rows } = await data.owner.query(
    'select s.id, s.member_id, k.id as kid from sessions s join signing_keys k using (tenant_id) where tenant_id = $1',
    [a.id],
  )
  t.equal(rows.length, 1)
  t.match(header, { alg: 'ES256', kid: rows[0].kid })
  t.match(claims, { iss: 'https://site-a.example', aud: a.id, tid: a.id, sub: a.owner.id, sid: rows[0].id })
  const life = (claims.exp ?? 0) - (claims.iat ?? 0)
  t.ok(life >= 570 && life <= 630, `lives ${life} s`)
  t.equal(tokens.expiresIn, life)
  t.equal((await me(a, tokens.accessToken)).statusCode, 200)
})

t.test('a password of ten years ago answers 200: none is asked to be exchanged', async (t) => {
  const { rowCount } = await data.owner.query(`update passwords set updated_at = now() - interval '10 years' where member_id = $1`, [a.owner.id])
  t.equal(rowCount, 1)
  const answer = await signIn(a, { email: a.owner.email, password })
  t.equal(outcome(answer), '200')
  t.same(Object.keys(answer.json()).sort(), ['accessToken', 'expiresIn', 'refreshToken', 'tokenType'], 'and is told nothing of it')
})

t.test('the issuer is the canonical origin also when the request came to an alias', async (t) => {
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'alias.example', 'verified')`, [a.id])
  const answer = await signIn({ host: 'alias.example' }, { email: a.owner.email, password })
  t.equal(claimsOf(answer.json().accessToken).claims.iss, 'https://site-a.example')
  t.equal((await me(a, answer.json().accessToken)).statusCode, 200)
})

t.test('the address is the same account in any case and width: 200', async (t) => {
  for (const email of ['OWNER@SITE-A.EXAMPLE', 'Owner@site-a.Example', 'ｏwner@site-a.example']) {
    t.equal((await signIn(a, { email, password })).statusCode, 200, email)
  }
})

t.test('a wrong password, an unknown account, a deactivated member and no address at all answer one and the same 401', async (t) => {
  const tenantId = a.id
  const id = await createMember(dbOf(tenantId), hasher, { tenantId, email: 'gone@site-a.example', name: 'Gone', password, role: 'member' })
  t.equal((await signIn(a, { email: 'gone@site-a.example', password })).statusCode, 200, 'while active')
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [id])
  const noPassword = await createMember(dbOf(tenantId), hasher, { tenantId, email: 'bare@site-a.example', name: 'Bare', password, role: 'member' })
  await data.owner.query('delete from passwords where member_id = $1', [noPassword])

  const expected = withoutRequestId(await signIn(a, { email: a.owner.email, password: 'wrong' }))
  t.match(expected, { status: 401, code: 'AUTH_INVALID_CREDENTIALS' })
  const others = [
    'nobody@site-a.example',
    'gone@site-a.example',
    'bare@site-a.example',
    'no address',
    'two@at@site-a.example',
    `${'x'.repeat(80)}@site-a.example`,
  ]
  for (const email of others) {
    const answer = await signIn(a, { email, password })
    t.equal(answer.statusCode, 401, email)
    t.same(withoutRequestId(answer), expected, email)
    t.same(Object.keys(answer.headers).sort(), Object.keys((await signIn(a, { email: a.owner.email, password: 'wrong' })).headers).sort())
    t.equal((await signIn(a, { email: a.owner.email, password })).statusCode, 200)
  }
})

t.test('every failing sign-in computes one hash, whether the account exists or not', async (t) => {
  const verify = t.capture(app.hasher, 'verify', app.hasher.verify)
  const known = { email: a.owner.email, password: 'wrong' }
  for (const payload of [
    known,
    { ...known, email: 'nobody@site-a.example' },
    { ...known, email: 'gone@site-a.example' },
    { ...known, email: 'none' },
  ]) {
    await signIn(a, payload)
    t.equal(verify().length, 1, payload.email)
  }
  // A hasher with one slot and no queue shows that the hash of an unknown account takes the slot.
  const narrow = createPasswordHasher({ concurrency: 1, queue: 0 })
  const stored = await hasher.hash('x')
  await narrow.verify(undefined, 'warm')
  const [first, second] = await Promise.allSettled([narrow.verify(undefined, 'x'), narrow.verify(undefined, 'x')])
  t.same(first, { status: 'fulfilled', value: false })
  t.match(second, { status: 'rejected', reason: { code: 'OVERLOADED' } })
  t.equal(await narrow.verify(stored, 'x'), true)
})

t.test('one address at two sites is two unrelated people', async (t) => {
  const email = 'same@people.example'
  const add = (tenantId: string, secret: string, name: string) =>
    createMember(dbOf(tenantId), hasher, { tenantId, email, name, password: secret, role: 'member' })
  const ids = [await add(a.id, 'password of site a', 'Ana'), await add(b.id, 'password of site b', 'Bea')]
  t.not(ids[0], ids[1])
  const atA = await signIn(a, { email, password: 'password of site a' })
  const atB = await signIn(b, { email, password: 'password of site b' })
  t.match((await me(a, atA.json().accessToken)).json(), { id: ids[0], name: 'Ana' })
  t.match((await me(b, atB.json().accessToken)).json(), { id: ids[1], name: 'Bea' })
  t.equal(outcome(await signIn(a, { email, password: 'password of site b' })), '401 AUTH_INVALID_CREDENTIALS')
  t.equal(outcome(await signIn(b, { email, password: 'password of site a' })), '401 AUTH_INVALID_CREDENTIALS')
})

t.test('an account of another site with its own password answers 401', async (t) => {
  t.equal((await signIn(b, { email: b.owner.email, password })).statusCode, 200, 'at its own site')
  t.equal(outcome(await signIn(a, { email: b.owner.email, password })), '401 AUTH_INVALID_CREDENTIALS')
})

t.test(
  'transport cookie sets __Host- cookies that no script reads, for tokens and device, and keeps the refresh token out of the body',
  async (t) => {
    const answer = await signIn(a, { email: a.owner.email, password, transport: 'cookie' })
    t.equal(answer.statusCode, 200)
    t.same(Object.keys(answer.json()).sort(), ['accessToken', 'expiresIn', 'tokenType'])
    t.same(answer.cookies.map(({ name }) => name).sort(), ['__Host-access', '__Host-device', '__Host-refresh'])
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      for (const flag of [/; Path=\/(;|$)/, /; HttpOnly(;|$)/, /; Secure(;|$)/, /; SameSite=Lax(;|$)/, /; Max-Age=\d+(;|$)/]) t.match(cookie, flag)
      t.notMatch(cookie, /Domain/i)
    }
    t.equal((await send(a, { url: '/v1/me' }, { headers: { cookie: cookieHeader(answer) } })).statusCode, 200)
    const kept = answer.cookies.find(({ name }) => name === '__Host-refresh')?.value ?? ''
    t.notOk(answer.body.includes(kept))
  },
)

t.test('the database keeps neither a password nor a refresh token in clear', async (t) => {
  const { refreshToken } = await open(a)
  const { rows } = await data.owner.query('select s::text as session from sessions s where tenant_id = $1', [a.id])
  const hex = Buffer.from(refreshToken, 'base64url').toString('hex')
  for (const { session } of rows) t.notOk(session.includes(refreshToken) || session.includes(hex))
  const { rows: stored } = await data.owner.query('select hash from passwords')
  for (const { hash } of stored) t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  t.equal((await refresh(a, refreshToken)).statusCode, 200, 'which works all the same')
})

t.test('a long user agent is cut, not refused: 200', async (t) => {
  const answer = await signIn(a, { email: a.owner.email, password }, { headers: { 'user-agent': 'x'.repeat(3_000) } })
  t.equal(answer.statusCode, 200)
})

t.test('GET on a sign-in address answers 404 ROUTE_UNKNOWN', async (t) => {
  t.equal(outcome(await send(a, { url: '/v1/auth/sign-in' })), '404 ROUTE_UNKNOWN')
  t.equal(outcome(await post(a, '/v1/auth/nothing', {})), '404 ROUTE_UNKNOWN')
})
