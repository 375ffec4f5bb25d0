import t from 'tap'
import { createMember } from '../../src/auth/account/create-member.ts'
import { createPasswordHasher } from '../../src/security/passwords/password-hasher.ts'
import { createTestApp, password } from '../app.ts'
import { eventually } from '../eventually.ts'
import { authCalls, cookieHeader, outcome } from './auth-calls.ts'

const { app, data, a, b, another } = await createTestApp(t)
const copy = await another()
const { open, refresh, me, post, signIn, send } = authCalls(app)

const bearer = (accessToken: string) => ({ headers: { authorization: `Bearer ${accessToken}` } })
const dead = '401 AUTH_TOKEN_INVALID'

t.test('sign-out answers 204 and ends this session alone, on both processes', async (t) => {
  const [mine, other] = [await open(a), await open(a)]
  for (const on of [app, copy]) t.equal((await me(a, mine.accessToken, { on })).statusCode, 200, 'read and kept before')
  const answer = await post(a, '/v1/auth/sign-out', {}, bearer(mine.accessToken))
  t.equal(answer.statusCode, 204)
  t.equal(answer.body, '')
  for (const on of [app, copy])
    await eventually(t, 'the access token answers 401', async () => outcome(await me(a, mine.accessToken, { on })) === dead)
  t.equal(outcome(await refresh(a, mine.refreshToken)), '401 AUTH_REFRESH_INVALID')
  t.equal((await me(a, other.accessToken)).statusCode, 200, 'the other session goes on')
  t.equal((await refresh(a, other.refreshToken)).statusCode, 200)
  const { rows } = await data.owner.query('select end_reason from sessions where ended_at is not null')
  t.same(rows, [{ end_reason: 'signed_out' }])
})

t.test('everywhere ends every session of the member within 2 s, on a process that had them in memory, and nobody else’s', async (t) => {
  const tenantId = a.id
  const hasher = createPasswordHasher({ concurrency: 1, queue: 1 })
  const email = 'colleague@site-a.example'
  await createMember(data.open({ max: 1 }).forTenant(tenantId), hasher, { tenantId, email, name: 'Colleague', password, role: 'member' })
  const colleague = (await signIn(a, { email, password })).json()
  const elsewhere = await open(b)
  const mine = [await open(a), await open(a), await open(a)]
  for (const { accessToken } of mine) for (const on of [app, copy]) t.equal((await me(a, accessToken, { on })).statusCode, 200)

  const [first] = mine
  t.equal((await post(a, '/v1/auth/sign-out', { everywhere: true }, bearer(first?.accessToken ?? ''))).statusCode, 204)
  for (const { accessToken, refreshToken } of mine) {
    for (const on of [copy, app]) await eventually(t, 'the access token answers 401', async () => outcome(await me(a, accessToken, { on })) === dead)
    t.equal(outcome(await refresh(a, refreshToken)), '401 AUTH_REFRESH_INVALID')
  }
  t.equal((await me(a, colleague.accessToken, { on: copy })).statusCode, 200, 'a colleague stays')
  t.equal((await me(b, elsewhere.accessToken, { on: copy })).statusCode, 200, 'another site stays')
  const again = await open(a)
  t.equal((await me(a, again.accessToken, { on: copy })).statusCode, 200, 'who signs in again is in')
})

t.test('by cookie sign-out answers 204 and clears both cookies', async (t) => {
  const signedIn = await signIn(a, { email: a.owner.email, password, transport: 'cookie' })
  const cookie = cookieHeader(signedIn)
  const fromPage = { headers: { cookie, 'sec-fetch-site': 'same-origin' } }
  t.equal((await send(a, { url: '/v1/me' }, fromPage)).statusCode, 200)
  const answer = await post(a, '/v1/auth/sign-out', undefined, fromPage)
  t.equal(answer.statusCode, 204, 'without a body')
  t.same(answer.cookies.map(({ name, value }) => [name, value]).sort(), [
    ['__Host-access', ''],
    ['__Host-refresh', ''],
  ])
  for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
    // A browser takes the change of a __Host- cookie only with the flags that the prefix asks for.
    t.match(line, /Path=\//)
    t.match(line, /Secure/)
    t.match(line, /Expires=Thu, 01 Jan 1970|Max-Age=0/)
  }
  await eventually(t, 'the cookie answers 401', async () => outcome(await send(a, { url: '/v1/me' }, fromPage)) === dead)
  t.equal(outcome(await post(a, '/v1/auth/refresh', {}, fromPage)), '401 AUTH_REFRESH_INVALID')
})

t.test('sign-out without a session answers 401 AUTH_REQUIRED, with another site’s 401 AUTH_TOKEN_INVALID, and ends nothing', async (t) => {
  const { accessToken } = await open(b)
  t.equal(outcome(await post(a, '/v1/auth/sign-out', { everywhere: true })), '401 AUTH_REQUIRED')
  t.equal(outcome(await post(a, '/v1/auth/sign-out', { everywhere: true }, bearer(accessToken))), dead)
  t.equal((await me(b, accessToken)).statusCode, 200)
})

t.test('everywhere must be a boolean, and nothing else is taken: 400', async (t) => {
  const { accessToken } = await open(a)
  for (const body of [{ everywhere: 'true' }, { everywhere: 1 }, { everywhere: { not: false } }, { memberId: a.owner.id }, []]) {
    t.equal(outcome(await post(a, '/v1/auth/sign-out', body, bearer(accessToken))), '400 REQUEST_INVALID', JSON.stringify(body))
  }
  t.equal((await me(a, accessToken)).statusCode, 200)
})
