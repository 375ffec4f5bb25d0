import type { InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { makeApiKey } from '../../src/security/api-key.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { apiKeyCalls } from '../auth/api-keys/api-key-calls.ts'
import { authCalls } from '../auth/auth-calls.ts'

/** What the request answers: the site's slug, or the problem's code. */
async function answered({ app }: TestApp, request: InjectOptions): Promise<string> {
  const body = (await app.inject({ url: '/v1/site', ...request })).json()
  return body.slug ?? body.code
}

function arrange(t: Test, env: Record<string, string>): Promise<TestApp> {
  return createTestApp(t, { env })
}

t.test('subdomain: the label before TENANT_BASE_DOMAIN is the slug, one label deep', async (t) => {
  const app = await arrange(t, { TENANT_RESOLVERS: 'subdomain', TENANT_BASE_DOMAIN: 'hub.example' })
  const at = (host: string) => answered(app, { headers: { host } })
  t.equal(await at('site-a.hub.example'), 'site-a')
  t.equal(await at('SITE-B.hub.example:443'), 'site-b')
  t.equal(await at('nobody.hub.example'), 'TENANT_UNKNOWN')
  for (const host of ['hub.example', 'www.site-a.hub.example', 'site-ahub.example', 'site-a.example', 'site-a.hub.example.evil.example']) {
    t.equal(await at(host), 'TENANT_UNKNOWN', host)
  }
})

t.test('path: /t/<slug> names the site and every route exists below it', async (t) => {
  const app = await arrange(t, { TENANT_RESOLVERS: 'path' })
  const at = (url: string) => answered(app, { url, headers: { host: 'hub.example' } })
  t.equal(await at('/t/site-a/v1/site'), 'site-a')
  t.equal(await at('/t/site-b/v1/site?x=1'), 'site-b')
  t.equal(await at('/t/nobody/v1/site'), 'TENANT_UNKNOWN')
  for (const url of ['/v1/site', '/t/Site-A/v1/site', '/t//v1/site', '/T/site-a/v1/site', '/x/t/site-a/v1/site']) {
    t.match(await at(url), /TENANT_UNKNOWN|ROUTE_UNKNOWN/, url)
  }
  t.equal(await at('/t/site-a/t/site-b/v1/site'), 'ROUTE_UNKNOWN', 'one prefix is taken off, not two')
  for (const url of ['/t/site-a', '/t/site-a?x=1', '/t/site-a/']) {
    const home = await app.app.inject({ url, headers: { host: 'hub.example' } })
    t.equal(home.statusCode, 200, url)
    t.match(home.body, /Name of site-a/)
  }
})

t.test('path: /t/<slug> is no route where path is not among the resolvers', async (t) => {
  const app = await arrange(t, { TENANT_RESOLVERS: 'host' })
  t.equal(await answered(app, { url: '/t/site-b/v1/site', headers: { host: 'site-a.example' } }), 'ROUTE_UNKNOWN')
})

t.test('header: X-Tenant-ID counts where TENANT_HEADER is on, as a slug or an id', async (t) => {
  const app = await arrange(t, { TENANT_RESOLVERS: 'header', TENANT_HEADER: 'on' })
  const named = (id: string) => answered(app, { headers: { host: 'hub.example', 'x-tenant-id': id } })
  t.equal(await named('site-a'), 'site-a')
  t.equal(await named(app.b.id), 'site-b')
  for (const id of ['nobody', app.a.id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), 'x'.repeat(36), `${app.a.id} `, '', ' ', "' or 1=1"]) {
    t.equal(await named(id), 'TENANT_UNKNOWN', JSON.stringify(id))
  }
  t.equal(await answered(app, { headers: { host: 'site-a.example' } }), 'TENANT_UNKNOWN', 'the host is not asked')
})

t.test('header: X-Tenant-ID is ignored where TENANT_HEADER is off', async (t) => {
  const app = await arrange(t, { TENANT_RESOLVERS: 'host,header' })
  t.equal(await answered(app, { headers: { host: 'site-a.example', 'x-tenant-id': 'site-b' } }), 'site-a')
})

t.test('header: X-Tenant-ID counts with an API key of that very site, on every route, without TENANT_HEADER', async (t) => {
  const app = await arrange(t, { TENANT_RESOLVERS: 'host,header', TENANT_API_HOSTS: 'api.hub.example' })
  const { key } = await apiKeyCalls(authCalls(app.app)).make(app.a, ['mail:read'])
  const at = (named: string, token: string, url = '/v1/site') =>
    answered(app, { url, headers: { host: 'api.hub.example', 'x-tenant-id': named, ...(token ? { authorization: `Bearer ${token}` } : {}) } })
  t.equal(await at('site-a', key), 'site-a')
  t.equal(await at(app.a.id, key), 'site-a')
  t.equal(
    (await app.app.inject({ url: '/v1/mail-account', headers: { host: 'api.hub.example', 'x-tenant-id': 'site-a', authorization: `Bearer ${key}` } }))
      .statusCode,
    200,
  )
  for (const url of ['/v1/site', '/v1/mail-account', '/v1/collections']) {
    t.equal(await at('site-b', key, url), 'AUTH_KEY_INVALID', `${url}: a key of another site`)
    t.equal(await at('site-a', makeApiKey().key, url), 'AUTH_KEY_INVALID', `${url}: no key of anybody's`)
    t.equal(await at('site-a', 'tnk_x', url), 'AUTH_KEY_INVALID', `${url}: no key at all`)
  }
  t.equal(await at('site-a', ''), 'TENANT_UNKNOWN', 'without a key the header is not looked at')
  t.equal(await at('site-a', (await app.signIn(app.a)).accessToken), 'TENANT_UNKNOWN', 'nor with another token')
  t.equal(await at('nobody', key), 'TENANT_UNKNOWN')
  const bySite = (host: string) => answered(app, { headers: { host, 'x-tenant-id': 'site-b', authorization: `Bearer ${key}` } })
  t.equal(await bySite(app.a.host), 'TENANT_AMBIGUOUS')
})

t.test('origin: on a host of TENANT_API_HOSTS the Origin names the site, elsewhere it does not', async (t) => {
  const app = await arrange(t, { TENANT_RESOLVERS: 'host,origin', TENANT_API_HOSTS: 'api.hub.example' })
  const from = (host: string, origin?: string) => answered(app, { headers: { host, ...(origin === undefined ? {} : { origin }) } })
  t.equal(await from('api.hub.example', 'https://site-a.example'), 'site-a')
  t.equal(await from('api.hub.example', 'https://SITE-B.example:443'), 'site-b')
  for (const origin of [undefined, 'null', '', 'https://nobody.example', 'site-a.example', 'file:///site-a.example', 'https://127.0.0.1']) {
    t.equal(await from('api.hub.example', origin), 'TENANT_UNKNOWN', String(origin))
  }
  t.equal(await from('site-a.example', 'https://site-b.example'), 'site-a')
})

t.test('origin: a page on a site’s own domain may read the answer of the shared host', async (t) => {
  const { app } = await arrange(t, { TENANT_RESOLVERS: 'host,origin', TENANT_API_HOSTS: 'api.hub.example' })
  const answer = await app.inject({ url: '/v1/site', headers: { host: 'api.hub.example', origin: 'https://site-a.example' } })
  t.equal(answer.headers['access-control-allow-origin'], 'https://site-a.example')
  t.match(answer.headers.vary, /Origin/)
})

t.test('token: the tid of a bearer token names the site, whose own keys then verify it', async (t) => {
  const app = await arrange(t, { TENANT_RESOLVERS: 'host,token', TENANT_API_HOSTS: 'api.hub.example' })
  const { accessToken } = await app.signIn(app.a)
  const me = (host: string, token: string) => app.app.inject({ url: '/v1/me', headers: { host, authorization: `Bearer ${token}` } })
  const own = await me('api.hub.example', accessToken)
  t.equal(own.statusCode, 200)
  t.equal(own.json().id, app.a.owner.id)
  t.equal((await me(app.a.host, accessToken)).statusCode, 200, 'host and token agree')
  t.equal((await me(app.b.host, accessToken)).json().code, 'TENANT_AMBIGUOUS')
  t.equal((await me('api.hub.example', readdressed(accessToken, app.b.id))).json().code, 'AUTH_TOKEN_INVALID')
  for (const token of ['a.b.c', readdressed(accessToken, 'nobody'), readdressed(accessToken, 7), 'x']) {
    t.match((await me('api.hub.example', token)).json().code, /TENANT_UNKNOWN/, token.slice(0, 20))
  }
})

t.test('two resolvers that name different sites answer 403 TENANT_AMBIGUOUS', async (t) => {
  const env = { TENANT_RESOLVERS: 'host,subdomain,path,header', TENANT_HEADER: 'on', TENANT_BASE_DOMAIN: 'hub.example' }
  const app = await arrange(t, env)
  const ask = (url: string, headers: Record<string, string>) => answered(app, { url, headers })
  t.equal(await ask('/t/site-b/v1/site', { host: 'site-a.example' }), 'TENANT_AMBIGUOUS')
  t.equal(await ask('/v1/site', { host: 'site-a.example', 'x-tenant-id': 'site-b' }), 'TENANT_AMBIGUOUS')
  t.equal(await ask('/t/site-a/v1/site', { host: 'site-b.hub.example' }), 'TENANT_AMBIGUOUS')
  t.equal(await ask('/t/site-a/v1/site', { host: 'site-a.hub.example', 'x-tenant-id': app.a.id }), 'site-a', 'three that agree')
  t.equal(await ask('/t/site-a/v1/site', { host: 'anything.example' }), 'site-a', 'a host that nobody has is passed over')
  t.equal(await ask('/t/nobody/v1/site', { host: 'site-a.example' }), 'TENANT_UNKNOWN', 'a slug that nobody has is not')
  t.equal((await app.app.inject({ url: '/t/site-b/v1/site', headers: { host: 'site-a.example' } })).statusCode, 403)
})

t.test('the host of TENANT_API_HOSTS is no site of its own', async (t) => {
  const app = await arrange(t, {
    TENANT_RESOLVERS: 'host,subdomain',
    TENANT_API_HOSTS: 'site-a.example,site-b.hub.example',
    TENANT_BASE_DOMAIN: 'hub.example',
  })
  t.equal(await answered(app, { headers: { host: 'site-a.example' } }), 'TENANT_UNKNOWN')
  t.equal(await answered(app, { headers: { host: 'site-b.hub.example' } }), 'TENANT_UNKNOWN')
  t.equal(await answered(app, { headers: { host: 'site-b.example' } }), 'site-b', 'control')
})

/** The same token with another `tid`: its signature no longer fits. */
function readdressed(token: string, tid: unknown): string {
  const [head, payload = '', signature] = token.split('.')
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), tid }
  return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
}
