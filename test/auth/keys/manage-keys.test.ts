import { importPKCS8, SignJWT } from 'jose'
import t from 'tap'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { openSigningKey } from '../../../src/auth/keys/signing-keys.ts'
import { setSiteStatus } from '../../../src/platform/set-site-status.ts'
import { createSecretBox } from '../../../src/security/secret-box.ts'
import { asOwner } from '../../../src/tenancy/lifecycle.ts'
import { createTestApp, password, type TestSite } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, type CallOptions, claimsOf, outcome } from '../auth-calls.ts'
import { withClock } from './clock.ts'

const { app, data, a, b, another } = await createTestApp(t)
const copy = await another()
const { open, me, post, refresh, send, signIn } = authCalls(app)
const bearer = (accessToken: string) => ({ headers: { authorization: `Bearer ${accessToken}` } })
const list = (site: TestSite, accessToken: string, options: CallOptions = {}) =>
  send(site, { url: '/v1/keys' }, { ...options, ...bearer(accessToken) })
const rotate = (site: TestSite, accessToken: string, payload?: object | string) => post(site, '/v1/keys/rotate', payload, bearer(accessToken))
const published = async (site: TestSite, on = app): Promise<string[]> =>
  (await send(site, { url: '/.well-known/jwks.json' }, { on })).json().keys.map(({ kid }: { kid: string }) => kid)
const passOverlap = (site: TestSite) =>
  data.owner.query(
    `update signing_keys set activates_at = activates_at - interval '15 minutes', retired_at = retired_at - interval '15 minutes' where tenant_id = $1`,
    [site.id],
  )

/** On a busy machine a process that has just started asks to come again. */
const isCalm = async (on: typeof app) => on.notifications.healthy && (await send(a, { url: '/v1/site' }, { on })).statusCode === 200

t.beforeEach(async (t) => {
  await eventually(t, 'both copies listen', async () => (await isCalm(app)) && (await isCalm(copy)), 20_000)
})

t.test('a rotation answers 201 with a pending key, the next one 200 with the same, and the list tells of both', async (t) => {
  const { accessToken } = await open(a)
  const [old] = (await list(a, accessToken)).json().items
  t.same(Object.keys(old).sort(), ['activatesAt', 'createdAt', 'kid', 'retiredAt', 'state'])
  t.match(old, { state: 'current', retiredAt: null })
  const answer = await rotate(a, accessToken)
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers['cache-control'], 'no-store')
  const made = answer.json()
  t.match(made, { state: 'pending', retiredAt: null })
  t.equal(Date.parse(made.activatesAt) - Date.parse(made.createdAt), 900_000)
  for (const body of [undefined, {}, { immediately: false }]) {
    const again = await rotate(a, accessToken, body)
    t.equal(again.statusCode, 200)
    t.same(again.json(), made)
  }
  const { items } = (await list(a, accessToken)).json()
  t.same(items, [made, { ...old, retiredAt: made.activatesAt }])
  t.equal((await list(b, (await open(b)).accessToken)).json().items.length, 1, 'the other site has its one')
})

t.test('both copies publish a pending key within 2 s, sign with it from its moment on, and a restart in between changes nothing', async (t) => {
  const { accessToken } = await open(a)
  const [pending, current] = (await list(a, accessToken)).json().items
  const restarted = await another()
  for (const on of [app, copy, restarted]) await eventually(t, 'all copies listen', () => isCalm(on), 20_000)
  for (const on of [app, copy, restarted]) {
    await eventually(t, 'both are published', async () => (await published(a, on)).join() === [pending.kid, current.kid].join())
    t.equal(claimsOf((await open(a, { on })).accessToken).header.kid, current.kid)
  }
  const signers = async () => Promise.all([app, copy, restarted].map(async (on) => claimsOf((await open(a, { on })).accessToken).header.kid))
  const before = (await data.owner.query('select version from tenants where id = $1', [a.id])).rows
  await withClock(t, Date.parse(pending.activatesAt) - 60_000, async () => t.same(await signers(), [current.kid, current.kid, current.kid]))
  await withClock(t, Date.parse(pending.activatesAt) + 1, async () => t.same(await signers(), [pending.kid, pending.kid, pending.kid]))
  t.same((await data.owner.query('select version from tenants where id = $1', [a.id])).rows, before, 'no message told them')
  await passOverlap(a)
  await eventually(t, 'the list says so', async () => {
    const { items } = (await list(a, accessToken)).json()
    return items.map(({ state }: { state: string }) => state).join() === 'current,retired'
  })
})

t.test('a token that is signed in the very moment of the switch has the kid of the key that signed it', async (t) => {
  const { accessToken } = await open(b)
  const { activatesAt } = (await rotate(b, accessToken)).json()
  await eventually(t, 'it is published', async () => (await published(b)).length === 2)
  let reads = 0
  const kids = new Set<unknown>()
  // Each reading of the clock is on the other side of the switch than the one before.
  const flicker = () => Date.parse(activatesAt) + (reads++ % 2 ? 1 : -1)
  const at = (now: number | (() => number)) => withClock(t, now, async () => (await open(b)).accessToken)
  for (let n = 0; n < 60 && kids.size < 2; n++) {
    const token = await at(flicker)
    kids.add(claimsOf(token).header.kid)
    await withClock(t, Date.parse(activatesAt), async () => t.equal((await me(b, token)).statusCode, 200, 'it verifies'))
    reads += n % 2
  }
  t.equal(kids.size, 2, 'both sides of the switch were met')
})

t.test('an emergency voids every access token on both copies within 2 s: 401, and sessions go on by refresh: 200', async (t) => {
  const [mine, other] = [await open(a), await open(a)]
  const elsewhere = await open(b)
  for (const on of [app, copy])
    for (const { accessToken } of [mine, other]) t.equal((await me(a, accessToken, { on })).statusCode, 200, 'kept as verified')
  const before = await published(a)
  const answer = await rotate(a, mine.accessToken, { immediately: true })
  t.equal(answer.statusCode, 201)
  t.match(answer.json(), { state: 'current', retiredAt: null })
  for (const on of [app, copy]) {
    for (const { accessToken } of [mine, other]) {
      await eventually(t, 'the token is refused', async () => outcome(await me(a, accessToken, { on })) === '401 AUTH_TOKEN_INVALID')
    }
    t.same(await published(a, on), [answer.json().kid])
    t.equal((await me(b, elsewhere.accessToken, { on })).statusCode, 200, 'the other site goes on')
  }
  t.notOk(before.includes(answer.json().kid))
  const fresh = await refresh(a, other.refreshToken, { on: copy })
  t.equal(fresh.statusCode, 200)
  for (const on of [app, copy]) t.equal((await me(a, fresh.json().accessToken, { on })).statusCode, 200)
})

t.test('a token kept as verified answers 401 once its key is published no more, though it has not expired and no message came', async (t) => {
  const { accessToken } = await open(a)
  const { rows } = await data.owner.query('select tenant_id, id, sealed_private from signing_keys where tenant_id = $1 and retired_at is null', [
    a.id,
  ])
  const pem = openSigningKey(createSecretBox(app.config.secretKeys), { tenantId: a.id, sealedPrivate: rows[0].sealed_private })
  const { activatesAt } = (await rotate(a, accessToken)).json()
  const stolen = await new SignJWT({ ...claimsOf(accessToken).claims, exp: Math.floor(Date.now() / 1_000) + 10 * 86_400 })
    .setProtectedHeader({ alg: 'ES256', kid: rows[0].id })
    .sign(await importPKCS8(pem, 'ES256'))
  await eventually(t, 'the pending key is published', async () => (await published(a)).length === 2)
  t.equal((await me(a, stolen)).statusCode, 200)
  const withdrawn = Date.parse(activatesAt) + 87_030_000
  await withClock(t, withdrawn - 5_000, async () => t.equal((await me(a, stolen)).statusCode, 200))
  await withClock(t, withdrawn, async () => t.equal(outcome(await me(a, stolen)), '401 AUTH_TOKEN_INVALID'))
})

t.test('who may not write keys is answered 403 AUTH_FORBIDDEN, and nobody 401', async (t) => {
  const db = data.open({ max: 1 }).forTenant(a.id)
  for (const role of ['admin', 'editor', 'member']) {
    const email = `${role}@site-a.example`
    await createMember(db, app.hasher, { tenantId: a.id, email, name: role, password, role })
    const { accessToken } = (await signIn(a, { email, password })).json()
    t.equal(outcome(await rotate(a, accessToken)), '403 AUTH_FORBIDDEN', role)
    t.equal(outcome(await list(a, accessToken)), '403 AUTH_FORBIDDEN', role)
  }
  t.equal(outcome(await send(a, { url: '/v1/keys' })), '401 AUTH_REQUIRED')
  t.equal(outcome(await post(a, '/v1/keys/rotate', {})), '401 AUTH_REQUIRED')
  t.equal(outcome(await list(a, (await open(b)).accessToken)), '401 AUTH_TOKEN_INVALID', 'the other site’s owner')
  t.equal((await list(a, (await open(a)).accessToken)).statusCode, 200, 'control')
})

t.test('a body that is not what the operation takes answers 400 and makes nothing', async (t) => {
  const { accessToken } = await open(b)
  const before = await published(b)
  for (const body of [{ immediately: 'true' }, { immediately: 1 }, { immediately: null }, { now: true }, { immediately: true, kid: 'x' }, []]) {
    t.equal(outcome(await rotate(b, accessToken, body)), '400 REQUEST_INVALID', JSON.stringify(body))
  }
  t.same(await published(b), before)
})

t.test('50 parallel wishes make one key: one 201, the others 200, or 503 where there are too many', async (t) => {
  const { accessToken } = await open(b)
  await passOverlap(b)
  const before = (await list(b, accessToken)).json().items.length
  const answers = await Promise.all(Array.from({ length: 50 }, () => rotate(b, accessToken)))
  const count = (status: number) => answers.filter(({ statusCode }) => statusCode === status).length
  t.equal(count(201), 1)
  t.equal(count(200) + count(503), 49)
  t.ok(count(200) > 0)
  t.equal((await list(b, accessToken)).json().items.length, before + 1)
})

t.test('a suspended site answers 403 TENANT_SUSPENDED and a deleted one 404 to every wish', async (t) => {
  const { accessToken } = await open(b)
  const before = (await data.owner.query('select id from signing_keys where tenant_id = $1 order by id', [b.id])).rows
  for (const [status, answer] of [
    ['suspended', '403 TENANT_SUSPENDED'],
    ['deleted', '404 TENANT_UNKNOWN'],
  ] as const) {
    await asOwner(data.url, (owner) => setSiteStatus(owner, b.slug, status))
    await eventually(t, `it is ${status}`, async () => outcome(await list(b, accessToken)) === answer)
    t.equal(outcome(await rotate(b, accessToken, { immediately: true })), answer)
    await asOwner(data.url, (owner) => setSiteStatus(owner, b.slug, 'active'))
    await eventually(t, 'it is back', async () => (await list(b, accessToken)).statusCode === 200)
  }
  t.same((await data.owner.query('select id from signing_keys where tenant_id = $1 order by id', [b.id])).rows, before)
})

t.test(
  'where no SECRET_KEYS open the key: 409 SIGNING_KEY_UNREADABLE, tokens are still verified, nothing is signed, and an emergency mends it',
  async (t) => {
    const { accessToken, refreshToken } = await open(a)
    await data.owner.query(`update signing_keys set sealed_private = 'v1.lost.AAAA' where tenant_id = $1`, [a.id])
    await eventually(t, 'nothing is signed', async () => outcome(await signIn(a, { email: a.owner.email, password })) === '500 INTERNAL')
    await passOverlap(a)
    await eventually(t, 'no key is pending', async () => (await list(a, accessToken)).json().items[0].state === 'current')
    t.equal(outcome(await rotate(a, accessToken)), '409 SIGNING_KEY_UNREADABLE')
    t.equal((await me(a, accessToken)).statusCode, 200)
    t.equal((await published(a)).length, 2)
    t.equal((await rotate(a, accessToken, { immediately: true })).statusCode, 201)
    await eventually(t, 'sessions go on', async () => (await refresh(a, refreshToken)).statusCode === 200)
  },
)
