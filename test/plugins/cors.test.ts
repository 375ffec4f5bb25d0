import t from 'tap'
import { createTestApp } from '../app.ts'
import { authCalls, outcome } from '../auth/auth-calls.ts'
import { eventually } from '../eventually.ts'

const { app, data, a, b } = await createTestApp(t)
const { open, send } = authCalls(app)
await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'alias.example', 'verified'), ($1, 'pending.example', 'pending')`, [
  a.id,
])

const listed = 'https://app.site-a.example'
const own = 'https://site-a.example'

const refused = [
  'null',
  'https://evil.example',
  'https://app.site-b.example',
  'https://site-b.example',
  'https://www.app.site-a.example',
  'https://xapp.site-a.example',
  'https://app.site-a.example.evil.example',
  'https://app-site-a.example',
  'https://app.site-a.example:8443',
  'https://site-a.example:3000',
  'http://app.site-a.example',
  'http://site-a.example',
  'https://pending.example',
  'https://app.site-a.example/',
  'https://app.site-a.example https://evil.example',
  'https://APP.site-a.example',
  'app.site-a.example',
  'https://user@app.site-a.example',
  '*',
  '',
]

const varies = (vary: unknown) =>
  String(vary)
    .toLowerCase()
    .split(/\s*,\s*/)
    .includes('origin')
const corsHeaders = (headers: object) => Object.keys(headers).filter((name) => name.startsWith('access-control-'))

t.test('a listed origin, the own one and that of a verified alias answer 200 with that origin and credentials', async (t) => {
  for (const origin of [listed, own, 'https://alias.example']) {
    const { statusCode, headers } = await send(a, { url: '/v1/site' }, { headers: { origin } })
    t.equal(statusCode, 200)
    t.equal(headers['access-control-allow-origin'], origin)
    t.equal(headers['access-control-allow-credentials'], 'true')
    t.match(headers['access-control-expose-headers'], /etag.*retry-after/i)
    t.ok(varies(headers.vary))
  }
})

t.test('an origin that is not listed, null, a look-alike, another port or scheme gets no CORS header', async (t) => {
  for (const origin of refused) {
    const { headers } = await send(a, { url: '/v1/site' }, { headers: { origin } })
    t.same(corsHeaders(headers), [], origin)
    t.ok(varies(headers.vary), `${origin} varies`)
  }
})

t.test('each site has its own list', async (t) => {
  const { headers } = await send(b, { url: '/v1/site' }, { headers: { origin: 'https://app.site-b.example' } })
  t.equal(headers['access-control-allow-origin'], 'https://app.site-b.example')
  t.same(corsHeaders((await send(b, { url: '/v1/site' }, { headers: { origin: listed } })).headers), [])
})

t.test('an answer without an Origin varies by it as well, from the cache, as 304 and as 404', async (t) => {
  const first = await send(a, { url: '/v1/site' })
  const again = await send(a, { url: '/v1/site' })
  const unchanged = await send(a, { url: '/v1/site' }, { headers: { 'if-none-match': String(first.headers.etag) } })
  t.equal(unchanged.statusCode, 304)
  const missing = await send(a, { url: '/v1/collections/nothing/entries' })
  t.equal(missing.statusCode, 404)
  for (const { headers } of [first, again, unchanged, missing]) {
    t.ok(varies(headers.vary))
    t.same(corsHeaders(headers), [])
  }
})

t.test('a refusal can be read by a listed origin and by no other: 401', async (t) => {
  const seen = await send(a, { url: '/v1/me' }, { headers: { origin: listed } })
  t.equal(outcome(seen), '401 AUTH_REQUIRED')
  t.equal(seen.headers['access-control-allow-origin'], listed)
  t.ok(varies(seen.headers.vary))
  const unseen = await send(a, { url: '/v1/me' }, { headers: { origin: 'https://evil.example' } })
  t.equal(outcome(unseen), '401 AUTH_REQUIRED')
  t.same(corsHeaders(unseen.headers), [])
  t.ok(varies(unseen.headers.vary))
})

const preflight = (origin: string, url = '/v1/auth/sign-in', method = 'POST') =>
  send(
    a,
    { method: 'OPTIONS', url },
    { headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'content-type,authorization' } },
  )

t.test('a preflight of a listed origin answers 204 with methods, headers, credentials and a lifetime', async (t) => {
  for (const url of ['/v1/auth/sign-in', '/v1/me', '/v1/site']) {
    const { statusCode, headers, body } = await preflight(listed, url)
    t.equal(statusCode, 204, url)
    t.equal(body, '')
    t.equal(headers['access-control-allow-origin'], listed)
    t.equal(headers['access-control-allow-credentials'], 'true')
    t.match(headers['access-control-allow-methods'], /POST/)
    t.match(headers['access-control-allow-headers'], /authorization/)
    t.equal(headers['access-control-max-age'], '600')
    t.ok(varies(headers.vary))
  }
})

t.test('a preflight of any other origin gets no CORS header', async (t) => {
  for (const origin of refused) {
    const { statusCode, headers } = await preflight(origin)
    t.ok(statusCode >= 400, `${origin} ${statusCode}`)
    t.same(corsHeaders(headers), [], origin)
    t.ok(varies(headers.vary), origin)
  }
})

t.test('an origin that is added to the list, or struck off it, counts within 2 s', async (t) => {
  const origin = 'https://new.example'
  const allowed = async () => (await send(a, { url: '/v1/site' }, { headers: { origin } })).headers['access-control-allow-origin'] === origin
  t.notOk(await allowed())
  await data.owner.query('update sites set allowed_origins = allowed_origins || $2::text where tenant_id = $1', [a.id, origin])
  await eventually(t, 'it is allowed', allowed)
  await data.owner.query('update sites set allowed_origins = array_remove(allowed_origins, $2) where tenant_id = $1', [a.id, origin])
  await eventually(t, 'it is refused', async () => !(await allowed()))
})

t.test('an entry of the list that says null, * or a pattern allows nobody: 200 without a CORS header', async (t) => {
  await data.owner.query(`update sites set allowed_origins = '{"null","*","https://*.example","https://listed.example"}' where tenant_id = $1`, [
    b.id,
  ])
  const answers = (origin: string) => send(b, { url: '/v1/site' }, { headers: { origin } })
  await eventually(t, 'the new list is read', async () => {
    return (await answers('https://listed.example')).headers['access-control-allow-origin'] === 'https://listed.example'
  })
  for (const origin of ['null', '*', 'https://x.example', 'https://app.site-b.example']) {
    const { statusCode, headers } = await answers(origin)
    t.equal(statusCode, 200)
    t.same(corsHeaders(headers), [], origin)
  }
})

t.test('an OPTIONS request that is no preflight never answers anything but a problem or nothing', async (t) => {
  for (const origin of [listed, 'https://evil.example', undefined]) {
    const answer = await send(a, { method: 'OPTIONS', url: '/v1/site' }, { headers: origin ? { origin } : {} })
    t.ok(answer.statusCode === 204 || answer.headers['content-type'] === 'application/problem+json; charset=utf-8', `${origin} ${answer.statusCode}`)
    t.ok(varies(answer.headers.vary))
  }
})

t.test('behind plain http on a port the own origin has both: 200', async (t) => {
  const plain = await createTestApp(t, { env: { PUBLIC_SCHEME: 'http', PUBLIC_PORT: '3000' } })
  const ask = (origin: string) => plain.call(plain.a, { url: '/v1/site', headers: { origin } })
  t.equal((await ask('http://site-a.example:3000')).headers['access-control-allow-origin'], 'http://site-a.example:3000')
  for (const origin of ['http://site-a.example', 'https://site-a.example:3000', 'https://site-a.example']) {
    t.same(corsHeaders((await ask(origin)).headers), [], origin)
  }
})

t.test('a member’s answer goes to a listed page with its token: 200', async (t) => {
  const { accessToken } = await open(a)
  const answer = await send(a, { url: '/v1/me' }, { headers: { origin: listed, authorization: `Bearer ${accessToken}` } })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['access-control-allow-origin'], listed)
})
