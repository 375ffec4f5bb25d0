import t from 'tap'
import { createTestApp, password } from '../app.ts'
import { authCalls, outcome } from './auth-calls.ts'

const { app, data, a } = await createTestApp(t)
const { post, signIn } = authCalls(app)
const email = a.owner.email
const right = { email, password }

const sendText = (body: string, type = 'application/json') => post(a, '/v1/auth/sign-in', body, { headers: { 'content-type': type } })

t.afterEach(async () => {
  t.equal((await signIn(a, right)).statusCode, 200, 'and the right body still signs in')
})

t.test('anything but two strings of sensible length answers 400 REQUEST_INVALID and says where', async (t) => {
  const bodies: Record<string, object> = {
    'an object for the address': { email: { not: '' }, password },
    'an object for the password': { email, password: { not: '' } },
    'a list for the address': { email: [email], password },
    'a number for the password': { email, password: 1234567890 },
    'null for the password': { email, password: null },
    'no password': { email },
    'no address': { password },
    'an empty password': { email, password: '' },
    'an extra key': { ...right, role: 'owner' },
    'a tenant in the body': { ...right, tenantId: a.id },
    'another transport': { ...right, transport: 'header' },
    'a long password': { email, password: 'x'.repeat(1025) },
    'a long address': { email: `${'x'.repeat(250)}@x.example`, password },
    'a list for the body': [right],
  }
  for (const [title, body] of Object.entries(bodies)) {
    const answer = await signIn(a, body)
    t.equal(outcome(answer), '400 REQUEST_INVALID', title)
    t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
    t.ok(answer.json().issues.length > 0, `${title} is pointed at`)
  }
})

t.test('a JSON text, number or null for the body answers 400', async (t) => {
  for (const body of ['"text"', '5', 'null', 'true']) t.equal(outcome(await sendText(body)), '400 REQUEST_INVALID', body)
})

t.test('NUL and half a surrogate pair answer 400 REQUEST_INVALID, in any place', async (t) => {
  for (const bad of ['\u0000', '\ud800', '\udfff']) {
    for (const body of [
      { email: `a${bad}@x.example`, password },
      { email, password: `${password}${bad}` },
    ]) {
      t.equal(outcome(await sendText(JSON.stringify(body))), '400 REQUEST_INVALID', JSON.stringify(body))
    }
  }
})

t.test('prototype keys answer 400 BODY_INVALID and pollute nothing', async (t) => {
  for (const extra of ['"__proto__":{"admin":true}', '"constructor":{"prototype":{"admin":true}}']) {
    const answer = await sendText(`{"email":"${email}","password":"${password}",${extra}}`)
    t.equal(outcome(answer), '400 BODY_INVALID', extra)
  }
  t.equal(Reflect.get({}, 'admin'), undefined)
})

t.test('deep JSON answers 400', async (t) => {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  t.equal(outcome(await sendText(`{"email":${deep(1_900)},"password":"x"}`)), '400 REQUEST_INVALID')
  t.equal(outcome(await sendText(deep(2_000))), '400 REQUEST_INVALID')
})

t.test('JSON that is none answers 400 BODY_INVALID', async (t) => {
  for (const body of ['{', '{"email":', 'email=a', "{'email':1}", '{"email":"a"}}', '']) {
    t.equal(outcome(await sendText(body)), '400 BODY_INVALID', JSON.stringify(body))
  }
})

t.test('no body at all answers 400', async (t) => {
  t.equal((await post(a, '/v1/auth/sign-in', undefined)).statusCode, 400)
})

t.test('any other content type answers 415 CONTENT_TYPE_UNSUPPORTED, so that no plain form can sign in', async (t) => {
  const body = JSON.stringify(right)
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/html',
    'application/xml',
    'x',
    'application/jsonx',
  ]) {
    t.equal(outcome(await sendText(body, type)), '415 CONTENT_TYPE_UNSUPPORTED', type)
  }
  t.equal((await sendText(body, 'application/json; charset=utf-8')).statusCode, 200)
})

t.test('a body of 5 KB answers 413 BODY_TOO_LARGE', async (t) => {
  t.equal(outcome(await sendText(JSON.stringify({ ...right, padding: 'x'.repeat(5_000) }))), '413 BODY_TOO_LARGE')
})

t.test('a body that was refused looks nobody up and counts as no failure', async (t) => {
  for (let attempt = 0; attempt < 12; attempt++) await signIn(a, { email, password: { not: '' } }, { from: '203.0.113.9' })
  t.equal((await signIn(a, right, { from: '203.0.113.9' })).statusCode, 200)
  const { rows } = await data.owner.query('select count(*)::int as members from members where tenant_id = $1', [a.id])
  t.same(rows, [{ members: 1 }])
})
