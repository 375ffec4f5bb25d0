import t from 'tap'
import { setSiteStatus } from '../../src/platform/set-site-status.ts'
import { asOwner, ensureTenant } from '../../src/tenancy/lifecycle.ts'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'

const { app, data, a, b, another } = await createTestApp(t)
const second = await another()
const instances = [app, second]

async function answers(host: string, status: number): Promise<boolean> {
  const got = await Promise.all(instances.map((instance) => instance.inject({ url: '/v1/site', headers: { host } })))
  return got.every(({ statusCode }) => statusCode === status)
}

t.beforeEach(async (t) => {
  await eventually(t, 'both instances listen', () => instances.every(({ notifications }) => notifications.healthy))
})

t.test('a suspended site answers 403 TENANT_SUSPENDED on every instance, and 200 again once restored', async (t) => {
  t.ok(await answers(a.host, 200), 'both instances have it in memory')
  t.equal(await asOwner(data.url, (owner) => setSiteStatus(owner, a.slug, 'suspended')), true)
  await eventually(t, 'both instances answer 403', () => answers(a.host, 403))
  t.equal((await second.inject({ url: '/v1/site', headers: { host: a.host } })).json().code, 'TENANT_SUSPENDED')
  for (const url of ['/', '/v1/collections', '/theme.css', '/.well-known/jwks.json', '/v1/me']) {
    t.equal((await app.inject({ url, headers: { host: a.host } })).statusCode, 403, url)
  }
  t.ok(await answers(b.host, 200), 'the other site goes on')
  await asOwner(data.url, (owner) => setSiteStatus(owner, a.slug, 'active'))
  await eventually(t, 'both instances answer 200', () => answers(a.host, 200))
})

t.test('a deleted site answers 404 TENANT_UNKNOWN on every instance', async (t) => {
  t.ok(await answers(b.host, 200))
  await asOwner(data.url, (owner) => setSiteStatus(owner, b.slug, 'deleted'))
  await eventually(t, 'both instances answer 404', () => answers(b.host, 404))
  t.equal((await second.inject({ url: '/v1/site', headers: { host: b.host } })).json().code, 'TENANT_UNKNOWN')
  await asOwner(data.url, (owner) => setSiteStatus(owner, b.slug, 'active'))
  await eventually(t, 'both instances answer 200', () => answers(b.host, 200))
})

t.test('a host added after its miss was kept is served on every instance', async (t) => {
  t.ok(await answers('new.example', 404))
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'new.example', 'pending')`, [a.id])
  t.ok(await answers('new.example', 404), 'while it is pending')
  await data.owner.query(`update hosts set status = 'verified' where host = 'new.example'`)
  await eventually(t, 'both instances answer 200', () => answers('new.example', 200))
})

t.test('a host taken from a site is no longer served, and one moved to another site serves that one', async (t) => {
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'moving.example', 'verified')`, [a.id])
  await eventually(t, 'it is served', () => answers('moving.example', 200))
  await data.owner.query(`update hosts set tenant_id = $1 where host = 'moving.example'`, [b.id])
  const slug = async () => (await second.inject({ url: '/v1/site', headers: { host: 'moving.example' } })).json().slug
  await eventually(t, 'it serves the other site', async () => (await slug()) === b.slug)
  await data.owner.query(`delete from hosts where host = 'moving.example'`)
  await eventually(t, 'both instances answer 404', () => answers('moving.example', 404))
})

t.test('the canonical host may change: origin and issuer follow on every instance', async (t) => {
  await data.owner.query('update hosts set canonical = false where tenant_id = $1', [a.id])
  await data.owner.query(`insert into hosts (tenant_id, host, status, canonical) values ($1, 'renamed.example', 'verified', true)`, [a.id])
  for (const instance of instances) {
    const issuer = async () => (await instance.inject({ url: '/.well-known/openid-configuration', headers: { host: a.host } })).json().issuer
    const origin = async () => (await instance.inject({ url: '/v1/site', headers: { host: a.host } })).json().origin
    await eventually(t, 'the issuer follows', async () => (await issuer()) === 'https://renamed.example')
    await eventually(t, 'the origin follows', async () => (await origin()) === 'https://renamed.example')
  }
})

t.test('ensureTenant adds what is missing, changes nothing that is there, and refuses what is no hostname', async (t) => {
  const make = (hosts: [string, ...string[]]) => asOwner(data.url, (owner) => ensureTenant(owner, { slug: 'made', hosts }))
  const id = await make(['Made.Example.', 'www.made.example'])
  t.equal(await make(['other.example', 'made.example']), id)
  const { rows } = await data.owner.query('select host, status, canonical from hosts where tenant_id = $1 order by host', [id])
  t.same(rows, [
    { host: 'made.example', status: 'verified', canonical: true },
    { host: 'other.example', status: 'verified', canonical: false },
    { host: 'www.made.example', status: 'verified', canonical: false },
  ])
  await t.rejects(make(['127.0.0.1']), TypeError)
  await t.rejects(make(['taken.example', a.host]), { code: '23505' }, 'another site’s host')
  t.equal((await data.owner.query(`select from hosts where host = 'taken.example'`)).rowCount, 0, 'a refused call leaves nothing behind')
  t.equal(await asOwner(data.url, (owner) => setSiteStatus(owner, 'nobody', 'suspended')), false)
})

t.test('each change is in the audit log of the site, once', async (t) => {
  const { id, slug } = await data.addTenant()
  for (const status of ['suspended', 'suspended', 'active', 'deleted'] as const) {
    t.equal(await asOwner(data.url, (owner) => setSiteStatus(owner, slug, status)), true)
  }
  const { rows } = await data.owner.query('select action, actor_kind, target_kind, target from audit_events where tenant_id = $1 order by at, id', [
    id,
  ])
  const told = { actor_kind: 'operator', target_kind: 'site', target: id }
  t.same(
    rows,
    ['site.suspended', 'site.restored', 'site.deleted'].map((action) => ({ action, ...told })),
  )
})
