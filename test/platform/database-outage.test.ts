import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { migrate } from '../../src/db/migrate.ts'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { setSiteStatus } from '../../src/platform/set-site-status.ts'
import { asOwner, ensureTenant } from '../../src/tenancy/lifecycle.ts'
import { createTestApp } from '../app.ts'
import { startDatabaseProxy } from '../database-proxy.ts'
import { eventually } from '../eventually.ts'
import { serve } from './serve.ts'

t.test('a database that is down at start: the service listens, answers 503, and serves once it is there', async (t) => {
  const { data, a } = await createTestApp(t)
  const proxy = await startDatabaseProxy(t, data.url)
  await proxy.down()
  const { started, get } = await serve(t, proxy.through(data.url))
  await eventually(t, 'GET /healthz answers 200', async () => (await get(a.host, '/healthz'))?.status === 200)
  for (const path of ['/readyz', '/v1/site', '/', '/v1/me', '/docs/']) {
    const answer = await get(a.host, path)
    t.match(answer, { status: 503, code: 'NOT_READY' }, path)
    t.match(answer?.headers, { 'retry-after': '2', 'content-type': /problem\+json/ }, path)
  }
  t.match(await get('nobody.example', '/v1/site'), { status: 503 }, 'an unknown host is not told apart')
  await proxy.up()
  await started
  t.equal((await get(a.host, '/readyz'))?.status, 200)
  t.equal((await get(a.host, '/v1/site'))?.status, 200)
})

t.test('a service that is told to stop while it waits for its database stops', async (t) => {
  const { data, a } = await createTestApp(t)
  const proxy = await startDatabaseProxy(t, data.url)
  const ready = await serve(t, proxy.through(data.url))
  const service = await ready.started
  await proxy.down()
  await eventually(t, 'it notices', async () => (await ready.get(a.host, '/readyz'))?.status === 503, 4_000)
  await service.stop()
  t.equal(await ready.get(a.host, '/healthz'), undefined, 'nobody listens')
})

t.test('a database that goes away while running: 503 DATABASE_UNAVAILABLE with Retry-After, and 200 again by itself', async (t) => {
  const { data, a, b } = await createTestApp(t)
  const proxy = await startDatabaseProxy(t, data.url)
  const { started, get } = await serve(t, proxy.through(data.url))
  await started
  for (const path of ['/v1/site', '/readyz', '/v1/collections']) t.equal((await get(a.host, path))?.status, 200, path)
  await proxy.down()
  const url = '/v1/collections/posts/entries?limit=1'
  t.match(await get(a.host, url), { status: 503, code: 'DATABASE_UNAVAILABLE' }, 'what is not in memory')
  await eventually(t, 'GET /readyz answers 503', async () => (await get(a.host, '/readyz'))?.status === 503)
  await eventually(t, 'nothing older than a second is served', async () => (await get(a.host, '/v1/site'))?.status === 503, 4_000)
  for (const path of [url, '/v1/site', '/readyz', '/']) {
    const answer = await get(a.host, path)
    t.match(answer, { status: 503, code: 'DATABASE_UNAVAILABLE' }, path)
    t.equal(answer?.headers['retry-after'], '2', path)
    t.notMatch(answer?.body, /127\.0\.0\.1|ECONN|prisma/i)
  }
  t.equal((await get(a.host, '/healthz'))?.status, 200, 'restarting the process would not help')
  await asOwner(data.url, (owner) => setSiteStatus(owner, b.slug, 'suspended'))
  await proxy.up()
  await eventually(t, 'it is ready again', async () => (await get(a.host, '/readyz'))?.status === 200, 8_000)
  for (const path of [url, '/v1/site', '/']) t.equal((await get(a.host, path))?.status, 200, path)
  t.match(await get(b.host, '/v1/site'), { status: 403, code: 'TENANT_SUSPENDED' }, 'what changed meanwhile is not missed')
})

t.test('a PostgreSQL that is stopped and started again is found again', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-outage-'))
  // PostgreSQL runs as another user when the test runs as root.
  await chmod(dataDir, 0o755)
  let postgres = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } })
  t.teardown(async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const proxy = await startDatabaseProxy(t, postgres.url('postgres'))
  await migrate(postgres.url('postgres'))
  await asOwner(postgres.url('postgres'), (owner) => ensureTenant(owner, { slug: 'site', hosts: ['site.example'] }))
  const { started, get } = await serve(t, proxy.through(postgres.url('postgres')))
  await started
  t.match(await get('site.example', '/v1/collections'), { status: 200, body: '{"items":[],"next":null}' })
  await postgres.stop()
  await eventually(t, 'it answers 503', async () => (await get('site.example', '/v1/collections'))?.status === 503, 4_000)
  t.match(await get('site.example', '/v1/collections'), { code: 'DATABASE_UNAVAILABLE' })
  await proxy.down()
  postgres = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } })
  await proxy.up(postgres.url())
  await eventually(t, 'it answers 200', async () => (await get('site.example', '/v1/collections'))?.status === 200, 8_000)
  t.equal((await get('site.example', '/readyz'))?.status, 200)
})
