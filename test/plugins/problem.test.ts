import t from 'tap'
import { Compile } from 'typebox/compile'
import { errors } from '../../src/errors.ts'
import { ProblemBody } from '../../src/problem-schema.ts'
import { createTestApp } from '../app.ts'
import { listen, type RawAnswer, sendRaw } from '../raw-request.ts'

const { app, a, call } = await createTestApp(t)
const port = await listen(app)
const problem = Compile(ProblemBody)
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

interface Wrong {
  lines: string[]
  body?: string
  status: number
  code: keyof typeof errors
}

const site = `Host: ${a.host}`
const post = ['POST /v1/auth/sign-in HTTP/1.1', site]
const json = (body: string) => [...post, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]
const deep = `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`
const large = JSON.stringify({ email: 'x'.repeat(1_100_000) })

const wrong: Record<string, Wrong> = {
  'an unknown route': { lines: ['GET /nothing HTTP/1.1', site], status: 404, code: 'ROUTE_UNKNOWN' },
  'an unknown method of a route': { lines: ['DELETE /v1/site HTTP/1.1', site], status: 404, code: 'ROUTE_UNKNOWN' },
  'an address that is no UTF-8': { lines: ['GET /%E0%A4%A HTTP/1.1', site], status: 404, code: 'ROUTE_UNKNOWN' },
  'a parameter that is no UTF-8': { lines: ['GET /v1/collections/%ff/entries HTTP/1.1', site], status: 404, code: 'ROUTE_UNKNOWN' },
  'a parameter that is too long': { lines: [`GET /v1/collections/${'x'.repeat(300)}/entries HTTP/1.1`, site], status: 404, code: 'ROUTE_UNKNOWN' },
  'an unknown site': { lines: ['GET /v1/site HTTP/1.1', 'Host: nobody.example'], status: 404, code: 'TENANT_UNKNOWN' },
  'no host': { lines: ['GET /v1/site HTTP/1.1'], status: 400, code: 'HOST_INVALID' },
  'a wrong parameter': { lines: ['GET /v1/collections/posts/entries?limit=x HTTP/1.1', site], status: 400, code: 'REQUEST_INVALID' },
  'broken JSON': { lines: json('{"a":'), body: '{"a":', status: 400, code: 'BODY_INVALID' },
  'no JSON at all': { lines: json(''), status: 400, code: 'BODY_INVALID' },
  'deep JSON': { lines: json(deep), body: deep, status: 400, code: 'REQUEST_INVALID' },
  'a prototype key': { lines: json('{"__proto__":{"a":1}}'), body: '{"__proto__":{"a":1}}', status: 400, code: 'BODY_INVALID' },
  'a body over 1 MB': { lines: json(large), body: large, status: 413, code: 'BODY_TOO_LARGE' },
  'a body of text': { lines: [...post, 'Content-Type: text/plain', 'Content-Length: 2'], body: '{}', status: 415, code: 'CONTENT_TYPE_UNSUPPORTED' },
  'a body of a form': {
    lines: [...post, 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 3'],
    body: 'a=b',
    status: 415,
    code: 'CONTENT_TYPE_UNSUPPORTED',
  },
  'a body without a type': { lines: [...post, 'Content-Length: 2'], body: '{}', status: 415, code: 'CONTENT_TYPE_UNSUPPORTED' },
  'a missing token': { lines: ['GET /v1/me HTTP/1.1', site], status: 401, code: 'AUTH_REQUIRED' },
  'a broken request line': { lines: ['GET  /v1/site HTTP/9.9', site], status: 400, code: 'REQUEST_INVALID' },
  'a broken header': { lines: ['GET /v1/site HTTP/1.1', site, 'X Y: z'], status: 400, code: 'REQUEST_INVALID' },
  'headers over 16 kB': { lines: ['GET /v1/site HTTP/1.1', site, `X-Large: ${'x'.repeat(20_000)}`], status: 431, code: 'HEADERS_TOO_LARGE' },
  'smuggled lengths': {
    lines: [...post, 'Content-Type: application/json', 'Content-Length: 2', 'Transfer-Encoding: chunked'],
    body: '0\r\n\r\n',
    status: 400,
    code: 'REQUEST_INVALID',
  },
}

for (const [what, { lines, body, status, code }] of Object.entries(wrong)) {
  t.test(`${what} answers ${status} ${code}, as problem+json`, async (t) => {
    const answer = await sendRaw(port, lines, body)
    t.equal(answer.status, status)
    const sent = problemOf(answer)
    t.ok(problem.Check(sent), answer.body)
    t.match(sent, { type: `urn:tenantry:problem:${code}`, status, code, title: new errors[code]().message })
    t.match(sent.requestId, uuid)
    t.equal(answer.headers['x-request-id'], sent.requestId)
    t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
    t.equal(answer.headers['cache-control'], 'no-store')
    t.equal(answer.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined)
  })
}

t.test('issues say where the request is wrong and do not repeat what it holds', async (t) => {
  const answer = await call(a, {
    method: 'POST',
    url: '/v1/auth/sign-in',
    payload: { email: { not: '' }, password: 'hunter2-hunter2', extra: 'hunter3' },
  })
  t.equal(answer.statusCode, 400)
  t.ok(answer.json().issues.some(({ path }: { path: string }) => path === '/email'))
  t.notMatch(answer.body, /hunter/)
})

t.test('issues are ten at most', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`key${at}`, at]))
  const answer = await call(a, { method: 'POST', url: '/v1/auth/sign-in', payload: many })
  t.equal(answer.json().code, 'REQUEST_INVALID')
  t.ok(answer.json().issues.length <= 10)
  t.ok(answer.body.length < 4_096, `${answer.body.length} bytes`)
})

t.test('a fault of ours answers 500 INTERNAL with a fixed title, and its cause stays here', async (t) => {
  const { app, call, a } = await createTestApp(t)
  const { read } = app.publicCache
  app.publicCache.read = () => {
    throw new Error('secret detail')
  }
  const answer = await call(a, { url: '/v1/site' })
  app.publicCache.read = read
  t.equal(answer.statusCode, 500)
  t.equal(answer.json().code, 'INTERNAL')
  t.notMatch(answer.body, /secret detail/)
  t.equal((await call(a, { url: '/v1/site' })).statusCode, 200, 'and the next request is served')
})

function problemOf({ body }: RawAnswer): { requestId: string } {
  try {
    return JSON.parse(body)
  } catch {
    return { requestId: `no JSON: ${body}` }
  }
}
