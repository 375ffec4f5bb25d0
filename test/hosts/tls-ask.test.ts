import { type Test, test } from 'tap'
import { loadConfig } from '../../src/config.ts'
import { createTlsAsk } from '../../src/hosts/tls-ask.ts'
import { startService } from '../../src/start-service.ts'
import { createDirectory } from '../../src/tenancy/directory.ts'
import { type Locator, readTenant } from '../../src/tenancy/read-tenant.ts'
import { createTestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { scriptedNotifications } from '../tenancy/scripted-notifications.ts'

async function arrange(t: Test, env: Record<string, string> = {}) {
  const data = await createTestDatabase(t)
  const database = data.open()
  const site = await data.addTenant({ slug: 'site', host: 'site.example' })
  const readiness = { open: true }
  const reads: Locator[] = []
  const state = { gate: undefined as Promise<void> | undefined, away: false }
  const directory = createDirectory({
    notifications: scriptedNotifications(),
    async read(locator) {
      reads.push(locator)
      await state.gate
      if (state.away) throw new Error('the database is away')
      return readTenant(database, locator)
    },
  })
  const app = createTlsAsk({ tenancy: loadConfig(env).tenancy, directory, readiness })
  t.teardown(() => app.close())
  const ask = async (domain: string) => (await app.inject(`/internal/tls-ask?domain=${encodeURIComponent(domain)}`)).statusCode
  return { data, site, readiness, reads, state, app, ask }
}

test('verified hosts of sites that are served, also of suspended ones, answer 200, and all else 404', async (t) => {
  const { data, site, ask } = await arrange(t)
  const [suspended, deleted] = [await data.addTenant({ host: 'suspended.example' }), await data.addTenant({ host: 'deleted.example' })]
  await data.owner.query(`update tenants set status = 'suspended' where id = $1`, [suspended.id])
  await data.owner.query(`update tenants set status = 'deleted' where id = $1`, [deleted.id])
  await data.owner.query(`insert into hosts (tenant_id, host) values ($1, 'claimed.example')`, [site.id])
  t.equal(await ask('site.example'), 200)
  t.equal(await ask('Site.Example.'), 200, 'in any spelling')
  t.equal(await ask('suspended.example'), 200)
  for (const domain of ['deleted.example', 'claimed.example', 'www.site.example', 'nobody.example', 'site']) t.equal(await ask(domain), 404, domain)
})

test('what is no host answers 400', async (t) => {
  const { app, ask, reads } = await arrange(t)
  const rubbish = [
    '',
    '*',
    '*.site.example',
    '192.0.2.1',
    '[::1]',
    '::1',
    'site.example:443',
    'a b',
    'https://site.example',
    '../etc',
    'x'.repeat(300),
    '\u0000',
  ]
  for (const domain of rubbish) t.equal(await ask(domain), 400, domain)
  t.equal((await app.inject('/internal/tls-ask')).statusCode, 400)
  t.equal((await app.inject('/internal/tls-ask?domain=site.example&domain=other.example')).statusCode, 400)
  t.equal((await app.inject('/v1/site')).statusCode, 404, 'and nothing else is there')
  t.equal((await app.inject({ method: 'POST', url: '/internal/tls-ask?domain=site.example' })).statusCode, 404)
  t.same(reads, [])
})

test('the deployment’s own names are served too: API hosts, and slugs below the base domain', async (t) => {
  const { ask } = await arrange(t, { TENANT_RESOLVERS: 'host,subdomain', TENANT_BASE_DOMAIN: 'base.example', TENANT_API_HOSTS: 'api.example' })
  for (const domain of ['api.example', 'site.base.example', 'site.example']) t.equal(await ask(domain), 200, domain)
  for (const domain of ['base.example', 'nobody.base.example', 'a.site.base.example']) t.equal(await ask(domain), 404, domain)
})

test('until the service is ready, and while the database is away, it answers 503, so that nobody takes it for a no', async (t) => {
  const { ask, readiness, state } = await arrange(t)
  readiness.open = false
  t.equal(await ask('site.example'), 503)
  readiness.open = true
  state.away = true
  t.equal(await ask('site.example'), 503)
  state.away = false
  t.equal(await ask('site.example'), 200)
})

test('names that are made up take two look-ups at once, then wait, then get 503; known ones answer from memory, also while look-ups hang', async (t) => {
  const { ask, reads, state } = await arrange(t, { TENANT_RESOLVERS: 'host,subdomain', TENANT_BASE_DOMAIN: 'base.example' })
  const known: [string, number][] = [
    ['site.example', 200],
    ['site.base.example', 200],
    ['nobody.example', 404],
  ]
  for (const [domain, status] of known) t.equal(await ask(domain), status)
  const gate = Promise.withResolvers<void>()
  state.gate = gate.promise
  reads.length = 0
  const flood = Array.from({ length: 150 }, (_, at) => ask(`made-up-${at}.example`))
  await eventually(t, 'two are looked up', () => reads.length === 2)
  await Promise.race(flood)
  t.equal(reads.length, 2)
  for (const [domain, status] of known) t.equal(await ask(domain), status, domain)
  gate.resolve()
  const answers = await Promise.all(flood)
  t.equal(answers.filter((status) => status === 503).length, 48)
  t.equal(answers.filter((status) => status === 404).length, 102)
  reads.length = 0
  await ask('site.example')
  await ask('made-up-1.example')
  t.same(reads, [], 'a no is remembered as well')
})

/** The service with the listener on. `port` is the one of its sites. */
async function serve(t: Test, url: string, asks: number) {
  const secretKeys = `test:${Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('base64')}`
  const env = { NODE_ENV: 'test', HOST: '127.0.0.1', DATABASE_URL: url, SECRET_KEYS: secretKeys, LOG_LEVEL: 'silent', WORKER: 'off' }
  const config = { ...loadConfig({ ...env, TLS_ASK_PORT: String(asks) }), listen: { host: '127.0.0.1', port: 0 } }
  const service = await startService(config, { maxEventLoopDelay: 0 })
  t.teardown(() => service.stop())
  return service
}

test('it listens on a port of its own and on no other, learns of hosts that are proven and released, and stops with the service', async (t) => {
  const { data, site } = await arrange(t)
  const asks = await freePort()
  const service = await serve(t, data.url, asks)
  const ask = async (port: number, domain: string) => (await fetch(`http://127.0.0.1:${port}/internal/tls-ask?domain=${domain}`)).status
  t.equal(await ask(asks, 'site.example'), 200)
  await data.owner.query(`insert into hosts (tenant_id, host) values ($1, 'new.example')`, [site.id])
  t.equal(await ask(asks, 'new.example'), 404)
  t.equal(await ask(service.port, 'site.example'), 404, 'the public never reaches it')
  await data.owner.query(`update hosts set status = 'verified' where host = 'new.example'`)
  await eventually(t, 'the new host is known', async () => (await ask(asks, 'new.example')) === 200)
  await data.owner.query(`select release_host($1, 'new.example', 'proof-failed')`, [site.id])
  await eventually(t, 'the released one is not', async () => (await ask(asks, 'new.example')) === 404)
  await service.stop()
  await t.rejects(ask(asks, 'site.example'))
})

test('a port in use ends the start with a sentence that names its variable', async (t) => {
  const { data } = await arrange(t)
  const port = await freePort()
  await serve(t, data.url, port)
  await t.rejects(serve(t, data.url, port), { message: `Port ${port} is in use. Stop what uses it, or set TLS_ASK_PORT to another.` })
})
