import t from 'tap'
import { createTestApp } from '../app.ts'
import { listen, sendRaw } from '../raw-request.ts'

const { app, data, a, b, call } = await createTestApp(t)
const port = await listen(app)

t.test('each host answers with its own site', async (t) => {
  for (const site of [a, b]) {
    const answer = await call(site, { url: '/v1/site' })
    t.equal(answer.statusCode, 200)
    t.equal(answer.json().slug, site.slug)
  }
})

t.test('case, port, trailing dot and Unicode of a host do not matter: 200', async (t) => {
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'xn--mez-chi-p0a.example', 'verified')`, [a.id])
  for (const host of [
    'SITE-A.Example',
    'site-a.example:3000',
    'site-a.example.',
    'Site-A.example.:80',
    'xn--mez-chi-p0a.example',
    'XN--MEZ-CHI-P0A.example',
  ]) {
    const answer = await app.inject({ url: '/v1/site', headers: { host } })
    t.equal(answer.statusCode, 200, host)
    t.equal(answer.json().slug, a.slug, host)
  }
  const raw = await sendRaw(port, ['GET /v1/site HTTP/1.1', 'hOSt: SITE-B.example.:80'])
  t.equal(JSON.parse(raw.body).slug, b.slug)
})

t.test('a missing, empty, malformed or oversized host and an address literal answer 400 HOST_INVALID', async (t) => {
  const lines = ['', 'Host:', 'Host: a..b', 'Host: site-a.example/x', 'Host: me@site-a.example', 'Host: a_b', `Host: ${'a.'.repeat(300)}b`]
  const literals = ['Host: 127.0.0.1', `Host: 127.0.0.1:${port}`, 'Host: [::1]', 'Host: 2130706433', 'Host: site-a.example, site-b.example']
  for (const line of [...lines, ...literals]) {
    const answer = await sendRaw(port, ['GET /v1/site HTTP/1.1', ...(line ? [line] : [])])
    t.equal(answer.status, 400, line)
    t.equal(JSON.parse(answer.body).code, 'HOST_INVALID', line)
  }
  t.equal((await sendRaw(port, ['GET /v1/site HTTP/1.0'])).status, 400, 'HTTP/1.0')
})

t.test('two Host headers answer 400 HOST_INVALID, even when they agree', async (t) => {
  for (const second of ['Host: site-b.example', 'Host: site-a.example', 'hOST: site-b.example', 'Host:']) {
    const answer = await sendRaw(port, ['GET /v1/site HTTP/1.1', 'Host: site-a.example', 'Accept: */*', second])
    t.equal(answer.status, 400, second)
    t.equal(JSON.parse(answer.body).code, 'HOST_INVALID')
  }
})

t.test('a host in the request line does not stand in for the Host header', async (t) => {
  const answer = await sendRaw(port, ['GET http://site-b.example/v1/site HTTP/1.1', 'Host: site-a.example'])
  t.notMatch(answer.body, /site-b/)
})

t.test('an unknown host, or a deeper or shallower one, answers 404 TENANT_UNKNOWN', async (t) => {
  for (const host of ['nobody.example', 'www.site-a.example', 'example', 'site-a.example.com']) {
    const answer = await app.inject({ url: '/v1/site', headers: { host } })
    t.equal(answer.statusCode, 404, host)
    t.equal(answer.json().code, 'TENANT_UNKNOWN')
  }
})

t.test('a pending host answers 404 TENANT_UNKNOWN and a verified alias 200 with the canonical origin', async (t) => {
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'claimed.example', 'pending'), ($1, 'alias.example', 'verified')`, [
    a.id,
  ])
  t.same((await data.owner.query(`select status from hosts where host = 'claimed.example'`)).rows, [{ status: 'pending' }], 'the row is there')
  t.equal((await app.inject({ url: '/v1/site', headers: { host: 'claimed.example' } })).json().code, 'TENANT_UNKNOWN')
  const alias = await app.inject({ url: '/v1/site', headers: { host: 'alias.example' } })
  t.equal(alias.statusCode, 200)
  t.equal(alias.json().origin, 'https://site-a.example')
})

t.test('a pending claim of another site’s host takes nothing from it', async (t) => {
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, $2, 'pending')`, [b.id, a.host])
  t.equal((await call(a, { url: '/v1/site' })).json().slug, a.slug)
  await t.rejects(data.owner.query(`update hosts set status = 'verified' where tenant_id = $1 and host = $2`, [b.id, a.host]), { code: '23505' })
})

t.test('health checks name no tenant: 200 for any host and none', async (t) => {
  for (const path of ['/healthz', '/readyz']) {
    for (const host of [['Host: healthcheck.railway.app'], ['Host: 127.0.0.1'], ['Host: a', 'Host: b'], []]) {
      t.equal((await sendRaw(port, [`GET ${path} HTTP/1.1`, ...host])).status, 200, `${path} ${host}`)
    }
  }
})
