import t from 'tap'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import { listen, sendRaw, sendSlowly } from '../raw-request.ts'

const { app, a, call } = await createTestApp(t)
const port = await listen(app)
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const everywhere = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
}

t.test('security headers are on every answer, found or not', async (t) => {
  for (const url of ['/v1/site', '/healthz', '/openapi.json', '/nothing', '/v1/me', '/theme.css', '/v1/collections/posts/entries?limit=x']) {
    const { headers } = await call(a, { url })
    for (const [name, value] of Object.entries(everywhere)) t.equal(headers[name], value, `${url} ${name}`)
    t.equal(headers['x-powered-by'], undefined)
    t.equal(headers.server, undefined)
  }
})

t.test('the home page has a policy of its own, and the other headers all the same', async (t) => {
  const { headers } = await call(a, { url: '/' })
  t.match(headers['content-security-policy'], /; style-src 'self'; /)
  t.match(headers['content-security-policy'], /frame-ancestors 'none'/)
  t.equal(headers['cross-origin-opener-policy'], 'same-origin')
  t.equal(headers['x-content-type-options'], 'nosniff')
  t.equal(headers['strict-transport-security'], 'max-age=31536000')
})

t.test('without https there is no Strict-Transport-Security', async (t) => {
  const { call, a } = await createTestApp(t, { env: { PUBLIC_SCHEME: 'http' } })
  t.equal((await call(a, { url: '/v1/site' })).headers['strict-transport-security'], undefined)
})

t.test('each answer has an id of its own, never the caller’s', async (t) => {
  const seen = new Set<string>()
  for (const header of ['x-request-id', 'request-id', 'x-correlation-id']) {
    const { headers } = await call(a, { url: '/v1/site', headers: { [header]: 'forged\tid' } })
    t.match(headers['x-request-id'], uuid)
    seen.add(String(headers['x-request-id']))
  }
  t.equal(seen.size, 3)
})

t.test('a body where none is taken is no reason to fail, and one over 1 MB answers 413 before it is read', async (t) => {
  const sent = await sendRaw(port, [
    'POST /v1/auth/sign-in HTTP/1.1',
    `Host: ${a.host}`,
    'Content-Type: application/json',
    'Content-Length: 99999999999',
  ])
  t.equal(sent.status, 413)
  t.equal(JSON.parse(sent.body).code, 'BODY_TOO_LARGE')
})

t.test('under pressure a request answers 503 OVERLOADED with Retry-After, and the next is served once it is over', async (t) => {
  const { call, a } = await createTestApp(t, { overrides: { maxEventLoopDelay: 1_000 } })
  // Holds the event loop, a little longer than it may lag at a time, until a sample has seen nothing else.
  let refused = await call(a, { url: '/v1/site' })
  for (let rounds = 0; rounds < 8 && refused.statusCode === 200; rounds++) {
    const until = performance.now() + 1_200
    while (performance.now() < until);
    refused = await call(a, { url: '/v1/site' })
  }
  t.equal(refused.statusCode, 503)
  t.equal(refused.json().code, 'OVERLOADED')
  t.equal(refused.headers['retry-after'], '2')
  t.equal((await call(a, { url: '/healthz' })).statusCode, 200, 'a restart would not help')
  t.equal((await call(a, { url: '/readyz' })).statusCode, 503, 'visitors would be refused')
  await eventually(t, 'it serves again', async () => (await call(a, { url: '/v1/site' })).statusCode === 200, 5_000)
})

t.test('a body that is late answers 408 REQUEST_TIMEOUT, and a file takes as long as it keeps coming', async (t) => {
  const { app, a, call, signIn } = await createTestApp(t, { overrides: { bodyTimeout: 300 } })
  const port = await listen(app)
  const half = (path: string, more: string[] = []) =>
    sendSlowly(port, [`POST ${path} HTTP/1.1`, `Host: ${a.host}`, 'Content-Length: 400', ...more], ['x', 'x'.repeat(399)], 700)
  const late = await half('/v1/auth/sign-in', ['Content-Type: application/json'])
  t.match([late.status, JSON.parse(late.body).code], [408, 'REQUEST_TIMEOUT'])
  const { accessToken } = await signIn(a)
  const more = [`Authorization: Bearer ${accessToken}`, 'Content-Type: multipart/form-data; boundary=x']
  t.equal(JSON.parse((await half('/v1/brand/images', more)).body).code, 'UPLOAD_MALFORMED', 'it was read to its end')
  const nowhere = await half(`/v1/collections/${'x'.repeat(300)}/entries`, ['Content-Type: application/json'])
  t.match(nowhere.status, /^40[48]$/, 'also where no route is found')
  t.equal((await call(a, { url: '/v1/site' })).statusCode, 200, 'others are served')
})
