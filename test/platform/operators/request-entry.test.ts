import { createHash } from 'node:crypto'
import t from 'tap'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { setSiteStatus } from '../../../src/platform/set-site-status.ts'
import { asOwner } from '../../../src/tenancy/lifecycle.ts'
import { permissions, platformPermissions } from '../../../src/tenancy/permissions.ts'
import { createTestApp, password } from '../../app.ts'
import { authCalls, outcome } from '../../auth/auth-calls.ts'
import { eventually } from '../../eventually.ts'
import { addConsole, reason } from './console.ts'

const test = await createTestApp(t)
const { app, data, a, b } = test
const console = await addConsole(test)
const { open, post, send, signIn } = authCalls(app)
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const operator = await open(console)
const ask = (site: string, payload: object, token = operator.accessToken, at: { host: string } = console) =>
  post(at, `/v1/sites/${site}/entries`, payload, bearer(token))
const wish = { member: a.owner.email, reason }
const entries = async () => (await data.owner.query('select count(*)::int as n from operator_entries')).rows[0].n

t.test('an operator gets a token and the address of the site’s own page: 201', async (t) => {
  const answer = await ask('site-a', wish)
  t.equal(answer.statusCode, 201, answer.body)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { token, address, expiresAt } = answer.json()
  t.match(token, /^[\w-]{43}$/)
  t.equal(address, 'https://site-a.example/account/enter')
  t.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 60_000) < 5_000, 'for a minute')
  const { rows } = await data.owner.query('select * from operator_entries')
  t.match(rows, [{ tenant_id: a.id, member_id: a.owner.id, operator: console.owner.id, operator_name: 'Olga Operator', reason, spent_at: null }])
  t.strictSame(rows[0].token_hash, createHash('sha256').update(token).digest())
  const events = await data.owner.query(`select * from audit_events where action = 'operator.entry-requested'`)
  t.match(events.rows, [{ tenant_id: console.id, actor: console.owner.id, target: a.id, details: { reason, member: a.owner.id, site: 'site-a' } }])
})

t.test('site and member may be named by id, and an address in any spelling', async (t) => {
  t.equal((await ask(a.id, { member: a.owner.id, reason })).statusCode, 201)
  t.equal((await ask('site-a', { member: 'OWNER@Site-A.example', reason })).statusCode, 201)
})

t.test('a reason that is missing, short, long or of several lines is refused: 400', async (t) => {
  const before = await entries()
  const { member } = wish
  for (const wrong of [
    undefined,
    '',
    'too short',
    ' '.repeat(20),
    '..........',
    'x'.repeat(501),
    'first line\nsecond line',
    `${reason}\u202E`,
    7,
    null,
    [reason],
  ]) {
    t.equal(outcome(await ask('site-a', wrong === undefined ? { member } : { member, reason: wrong })), '400 REQUEST_INVALID', JSON.stringify(wrong))
  }
  for (const smuggled of [{ operator: a.owner.id }, { expiresAt: '2099-01-01T00:00:00Z' }, { tenantId: b.id }]) {
    t.equal(outcome(await ask('site-a', { ...wish, ...smuggled })), '400 REQUEST_INVALID')
  }
  t.equal(await entries(), before)
  t.equal((await ask('site-a', { member, reason: '𝔸'.repeat(500) })).statusCode, 201, '500 characters outside the first plane are 500')
})

t.test('a member who is unknown, of another site or deactivated is refused: 404 SITE_MEMBER_UNKNOWN', async (t) => {
  for (const member of ['nobody@site-a.example', b.owner.email, b.owner.id, 'no address', '%@site-a.example']) {
    t.equal(outcome(await ask('site-a', { member, reason })), '404 SITE_MEMBER_UNKNOWN', member)
  }
  const email = 'gone@site-a.example'
  const tenantId = a.id
  const id = await createMember(data.open({ max: 1 }).forTenant(tenantId), app.hasher, { tenantId, email, name: 'Gone', password, role: 'member' })
  t.equal((await ask('site-a', { member: email, reason })).statusCode, 201, 'control')
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [id])
  t.equal(outcome(await ask('site-a', { member: email, reason })), '404 SITE_MEMBER_UNKNOWN')
})

t.test('the console itself, an unknown, deleted or suspended site is refused', async (t) => {
  for (const site of ['console', console.id, 'nobody', data.name.slice(0, 10), '00000000-0000-7000-8000-000000000000']) {
    t.equal(outcome(await ask(site, { member: console.owner.email, reason })), '404 SITE_UNKNOWN', site)
  }
  const become = (status: 'active' | 'suspended' | 'deleted') => asOwner(data.url, (owner) => setSiteStatus(owner, 'site-b', status))
  await become('suspended')
  t.equal(outcome(await ask('site-b', { member: b.owner.email, reason })), '403 TENANT_SUSPENDED')
  await become('deleted')
  t.equal(outcome(await ask('site-b', { member: b.owner.email, reason })), '404 SITE_UNKNOWN')
  await become('active')
  t.equal((await ask('site-b', { member: b.owner.email, reason })).statusCode, 201, 'control')
})

t.test('staff of the hub without the permission, and who proved themselves too long ago, are refused: 403', async (t) => {
  const email = 'helper@console.example'
  const tenantId = console.id
  await createMember(data.open({ max: 1 }).forTenant(tenantId), app.hasher, { tenantId, email, name: 'Helper', password, role: 'owner' })
  const helper = (await signIn(console, { email, password })).json()
  t.equal(outcome(await ask('site-a', wish, helper.accessToken)), '403 AUTH_FORBIDDEN')
  t.equal(outcome(await send(console, { url: '/v1/sites' }, bearer(helper.accessToken))), '403 AUTH_FORBIDDEN')
  const stale = await open(console)
  await data.owner.query(`update sessions set authenticated_at = now() - interval '11 minutes' where tenant_id = $1`, [tenantId])
  t.equal(outcome(await ask('site-a', wish, stale.accessToken)), '403 AUTH_PROOF_NEEDED')
})

t.test('a member of a site is refused both, 403, though a row of that site says otherwise', async (t) => {
  const owner = await open(a)
  const both = async () => [
    outcome(await send(a, { url: '/v1/sites' }, bearer(owner.accessToken))),
    outcome(await ask('site-b', { member: b.owner.email, reason }, owner.accessToken, a)),
  ]
  t.strictSame(await both(), ['403 AUTH_FORBIDDEN', '403 AUTH_FORBIDDEN'])
  await data.owner.query(`update roles set permissions = $2 where tenant_id = $1 and slug = 'owner'`, [
    a.id,
    [...permissions, ...platformPermissions],
  ])
  const me = async () => (await send(a, { url: '/v1/me' }, bearer(owner.accessToken))).json().permissions
  await eventually(t, 'the row is in force', async () => (await me()).includes('tenants:read'))
  t.strictSame(await both(), ['403 AUTH_FORBIDDEN', '403 AUTH_FORBIDDEN'])
})

t.test('GET /v1/sites lists sites with status and canonical host, page by page', async (t) => {
  const fresh = await open(console)
  const list = async (query: string) => await send(console, { url: `/v1/sites${query}` }, bearer(fresh.accessToken))
  const all = (await list('')).json()
  t.match(all, { items: [{ slug: 'site-a', status: 'active', canonicalHost: 'site-a.example' }, { slug: 'site-b' }], next: null })
  t.equal(all.items.length, 2, 'the console is none')
  const first = (await list('?limit=1')).json()
  t.equal(first.items[0].slug, 'site-a')
  const second = (await list(`?limit=1&after=${first.next}`)).json()
  t.match(second, { items: [{ slug: 'site-b' }], next: null })
  t.strictSame((await list('?status=suspended')).json(), { items: [], next: null })
  t.equal(outcome(await list('?after=x')), '400 CURSOR_INVALID')
})
