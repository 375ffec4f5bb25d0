import t from 'tap'
import { originOf } from '../../src/tenancy/canonical-origin.ts'
import { createTestApp } from '../app.ts'

t.test('an origin leaves its scheme’s own port out', async (t) => {
  t.equal(originOf('site.example', { scheme: 'https', port: 0 }), 'https://site.example')
  t.equal(originOf('site.example', { scheme: 'https', port: 443 }), 'https://site.example')
  t.equal(originOf('site.example', { scheme: 'http', port: 80 }), 'http://site.example')
  t.equal(originOf('site.example', { scheme: 'http', port: 3000 }), 'http://site.example:3000')
  t.equal(originOf('site.example', { scheme: 'https', port: 80 }), 'https://site.example:80')
})

t.test('issuer and origin come from the directory, whatever the request says', async (t) => {
  const { app, data, a } = await createTestApp(t, { env: { TRUST_PROXY: 'loopback' } })
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'alias.example', 'verified')`, [a.id])
  const forged = { 'x-forwarded-proto': 'http', 'x-forwarded-port': '8080', 'x-forwarded-prefix': '/evil', forwarded: 'host=evil.example;proto=http' }
  for (const headers of [{ host: 'alias.example:8080' }, { host: 'evil.example', 'x-forwarded-host': 'alias.example:8080' }]) {
    const ask = (url: string) => app.inject({ url, headers: { ...headers, ...forged } })
    t.equal((await ask('/v1/site')).json().origin, 'https://site-a.example')
    const discovery = await ask('/.well-known/openid-configuration')
    t.equal(discovery.json().issuer, 'https://site-a.example')
    t.notMatch(discovery.body, /alias|evil|8080|http:/)
    t.notMatch((await ask('/')).body, /alias|evil|8080/)
    t.notMatch((await ask('/openapi.json')).body, /alias\.example|evil|8080/)
  }
})
