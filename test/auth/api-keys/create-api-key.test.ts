import { createHash } from 'node:crypto'
import t from 'tap'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { permissions } from '../../../src/tenancy/permissions.ts'
import { createTestApp, password } from '../../app.ts'
import { addConsole } from '../../platform/operators/console.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { apiKeyCalls, bearer } from './api-key-calls.ts'

const test = await createTestApp(t)
const { app, data, a, b } = test
const calls = authCalls(app)
const { open, post, send } = calls
const { make, read } = apiKeyCalls(calls)
const owner = await open(a)
const create = (payload: object, token = owner.accessToken) => post(a, '/v1/api-keys', payload, { headers: bearer(token) })
const wish = { name: 'Website', permissions: ['mail:read'] }

t.test('a key is answered once, 201, recognisable, and the database has its SHA-256 alone', async (t) => {
  const answer = await create(wish)
  t.equal(answer.statusCode, 201, answer.body)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { key, id, ...shown } = answer.json()
  t.match(key, /^tnk_[A-Za-z0-9_-]{64}$/)
  t.match(shown, { name: 'Website', permissions: ['mail:read'], createdBy: a.owner.id, lastUsedAt: null, revokedAt: null })
  const { rows } = await data.owner.query('select * from api_keys where id = $1', [id])
  t.strictSame(rows[0].secret_hash, createHash('sha256').update(key).digest())
  t.notOk(JSON.stringify(rows).includes(key.slice(30)))
  const list = await send(a, { url: '/v1/api-keys' }, { headers: bearer(owner.accessToken) })
  t.equal(list.json().items[0].id, id)
  t.notOk(list.body.includes('tnk_'), 'the list never has it')
  const events = await data.owner.query(`select * from audit_events where action = 'api-key.created' and target = $1`, [id])
  t.match(events.rows, [{ actor_kind: 'member', actor: a.owner.id, details: { permissions: ['mail:read'] } }])
})

t.test('it lasts 90 days by default and a year at most', async (t) => {
  const days = async (payload: object) => Math.round((Date.parse((await create(payload)).json().expiresAt) - Date.now()) / 86_400_000)
  const inDays = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString()
  t.equal(await days(wish), 90)
  t.equal(await days({ ...wish, expiresAt: inDays(364) }), 364)
  for (const expiresAt of [inDays(366), inDays(-1), '2016-12-31T23:59:60Z', '9999-12-31T00:00:00Z', 'soon', 1, null]) {
    t.equal(outcome(await create({ ...wish, expiresAt })), '400 REQUEST_INVALID', String(expiresAt))
  }
})

t.test('permissions beyond the maker’s own, unknown, doubled, none, or the hub’s own are refused, and nothing is made', async (t) => {
  const email = 'keymaker@site-a.example'
  const tenantId = a.id
  await data.owner.query(
    `insert into roles (tenant_id, id, slug, name, permissions) values ($1, gen_random_uuid(), 'keys', 'Keys', '{keys:write,mail:read,tenants:write}')`,
    [tenantId],
  )
  await createMember(data.open({ max: 1 }).forTenant(tenantId), app.hasher, { tenantId, email, name: 'K', password, role: 'keys' })
  const { accessToken } = (await calls.signIn(a, { email, password })).json()
  const count = async () => (await data.owner.query('select count(*)::int as n from api_keys')).rows[0].n
  const before = await count()
  const ask = async (permissions: unknown, more: object = {}) => outcome(await create({ name: 'x', permissions, ...more }, accessToken))
  t.equal(await ask(['mail:read', 'mail:write']), '403 AUTH_FORBIDDEN')
  t.equal(await ask(['tenants:write']), '400 REQUEST_INVALID', 'though a row of the site says it')
  for (const wrong of [['all'], ['*'], [], ['mail:read', 'mail:read'], 'mail:read', { has: 'mail:read' }, [null], ['MAIL:READ'], ['mail:read ']]) {
    t.equal(await ask(wrong), '400 REQUEST_INVALID', JSON.stringify(wrong))
  }
  for (const smuggled of [{ id: a.id }, { createdBy: b.owner.id }, { tenantId: b.id }, { secretHash: 'x' }, { lastUsedAt: null }]) {
    t.equal(await ask(['mail:read'], smuggled), '400 REQUEST_INVALID', JSON.stringify(smuggled))
  }
  for (const name of ['', ' ', 'a\nb', 'x'.repeat(101), '\u202Ex', 7]) t.equal(await ask(['mail:read'], { name }), '400 REQUEST_INVALID')
  t.equal(await count(), before)
  t.equal(await ask(['mail:read']), '201', 'control')
})

t.test('permissions of the hub that stand in a site’s row give a key nothing there', async (t) => {
  const { id, key } = await make(a, ['mail:read'])
  await data.owner.query(`update api_keys set permissions = '{mail:read,tenants:read}' where id = $1`, [id])
  t.equal((await read(a, key)).statusCode, 200)
  t.equal(outcome(await send(a, { url: '/v1/sites' }, { headers: bearer(key) })), '403 AUTH_FORBIDDEN')
})

t.test('on the console a key may have what acts on the hub', async (t) => {
  const console = await addConsole(test)
  const { key } = await make(console, ['tenants:read'])
  const answer = await send(console, { url: '/v1/sites' }, { headers: bearer(key) })
  t.equal(answer.statusCode, 200, answer.body)
  t.strictSame(
    answer.json().items.map(({ slug }: { slug: string }) => slug),
    ['site-a', 'site-b'],
  )
})

t.test('making one asks for a proof of ten minutes: 403 AUTH_PROOF_NEEDED', async (t) => {
  const stale = await open(a)
  await data.owner.query(`update sessions set authenticated_at = now() - interval '11 minutes' where tenant_id = $1`, [a.id])
  t.equal(outcome(await create(wish, stale.accessToken)), '403 AUTH_PROOF_NEEDED')
})

t.test('a key makes no keys, not with every permission: 403 AUTH_PERSON_NEEDED', async (t) => {
  const { key } = await make(a, permissions)
  t.equal(outcome(await create(wish, key)), '403 AUTH_PERSON_NEEDED')
})

t.test('a hundred can be live, the next is 409 API_KEYS_FULL, also of ten at once; a revoked one makes room', async (t) => {
  const { accessToken } = await open(b)
  const add = () => post(b, '/v1/api-keys', wish, { headers: bearer(accessToken) })
  await data.owner.query(
    `insert into api_keys (tenant_id, id, name, secret_hash, permissions, expires_at)
     select $1, gen_random_uuid(), 'x', '\\x00', '{mail:read}', now() + interval '1 day' from generate_series(1, 95)`,
    [b.id],
  )
  await data.owner.query(
    `insert into api_keys (tenant_id, id, name, secret_hash, permissions, expires_at) select $1, gen_random_uuid(), 'old', '\\x00', '{mail:read}', now() - interval '1 day' from generate_series(1, 50)`,
    [b.id],
  )
  const outcomes = (await Promise.all(Array.from({ length: 10 }, add))).map(outcome)
  t.equal(outcomes.filter((one) => one === '201').length, 5, outcomes.join())
  t.equal(outcomes.filter((one) => one === '409 API_KEYS_FULL').length, 5)
  await data.owner.query(`update api_keys set revoked_at = now() where id = (select id from api_keys where tenant_id = $1 and name = 'x' limit 1)`, [
    b.id,
  ])
  t.equal(outcome(await add()), '201')
})
