import t from 'tap'
import { createTestApp } from '../app.ts'
import { listen, sendRaw } from '../raw-request.ts'

t.test('X-Forwarded-Host of an untrusted peer is ignored', async (t) => {
  const { app, a, b } = await createTestApp(t)
  const port = await listen(app)
  for (const forged of [
    'X-Forwarded-Host: site-b.example',
    'Forwarded: host=site-b.example',
    'X-Host: site-b.example',
    'X-Original-Host: site-b.example',
  ]) {
    const answer = await sendRaw(port, ['GET /v1/site HTTP/1.1', `Host: ${a.host}`, forged])
    t.equal(answer.status, 200, forged)
    t.equal(JSON.parse(answer.body).slug, a.slug, forged)
  }
  const unknown = await sendRaw(port, ['GET /v1/site HTTP/1.1', 'Host: nobody.example', `X-Forwarded-Host: ${b.host}`])
  t.equal(JSON.parse(unknown.body).code, 'TENANT_UNKNOWN')
})

t.test('with TRUST_PROXY=loopback', async (t) => {
  const { app, a, b } = await createTestApp(t, { env: { TRUST_PROXY: 'loopback' } })
  const port = await listen(app)

  t.test('the host that a trusted proxy names decides: 200', async (t) => {
    const answer = await sendRaw(port, ['GET /v1/site HTTP/1.1', 'Host: internal.example', `X-Forwarded-Host: ${b.host}`])
    t.equal(answer.status, 200)
    t.equal(JSON.parse(answer.body).slug, b.slug)
  })

  t.test('of several, the one that the nearest proxy added decides', async (t) => {
    const answer = await sendRaw(port, ['GET /v1/site HTTP/1.1', 'Host: internal.example', `X-Forwarded-Host: ${a.host}, ${b.host}`])
    t.equal(JSON.parse(answer.body).slug, b.slug)
  })

  t.test('a malformed one answers 400 HOST_INVALID', async (t) => {
    for (const bad of ['127.0.0.1', 'a/b', 'me@site-b.example', 'a..b']) {
      const answer = await sendRaw(port, ['GET /v1/site HTTP/1.1', `Host: ${a.host}`, `X-Forwarded-Host: ${bad}`])
      t.equal(answer.status, 400, bad)
      t.equal(JSON.parse(answer.body).code, 'HOST_INVALID')
    }
  })

  t.test('without one the Host header decides, and two of those are refused all the same', async (t) => {
    t.equal(JSON.parse((await sendRaw(port, ['GET /v1/site HTTP/1.1', `Host: ${a.host}`])).body).slug, a.slug)
    const doubled = ['GET /v1/site HTTP/1.1', `Host: ${a.host}`, `Host: ${b.host}`, `X-Forwarded-Host: ${b.host}`]
    t.equal(JSON.parse((await sendRaw(port, doubled)).body).code, 'HOST_INVALID')
  })
})

t.test('X-Forwarded-Host of a peer outside TRUST_PROXY is ignored', async (t) => {
  const { app, a, b } = await createTestApp(t, { env: { TRUST_PROXY: '10.0.0.0/8' } })
  const port = await listen(app)
  const answer = await sendRaw(port, ['GET /v1/site HTTP/1.1', `Host: ${a.host}`, `X-Forwarded-Host: ${b.host}`])
  t.equal(JSON.parse(answer.body).slug, a.slug)
  const trusted = await app.inject({ url: '/v1/site', remoteAddress: '10.1.2.3', headers: { host: a.host, 'x-forwarded-host': b.host } })
  t.equal(trusted.json().slug, b.slug, 'control: the same header from a proxy of the list counts')
})
