import t from 'tap'
import { suppress, suppressedAmong } from '../../src/mail/suppressions/suppression.ts'
import { createTestApp, type TestSite } from '../app.ts'
import { accessToken } from './access-token.ts'

const test = await createTestApp(t)
const { app, data, a, b, call } = test
const tokens = new Map([
  [a.id, await accessToken(test, a)],
  [b.id, await accessToken(test, b)],
])
const ask = (site: TestSite, method: 'GET' | 'POST' | 'DELETE', path = '', payload?: object) =>
  call(site, {
    method,
    url: `/v1/mail/suppressions${path}`,
    headers: { authorization: `Bearer ${tokens.get(site.id)}` },
    ...(payload ? { payload } : {}),
  })
const dbOf = (site: TestSite) => app.database.forTenant(site.id)

interface Item {
  email: string
  reason: string
}

t.test('POST suppresses an address in its one form, and again does the same: 200', async (t) => {
  const first = await ask(a, 'POST', '', { email: 'Ana@Nowhere.Example' })
  t.match([first.statusCode, first.json()], [200, { email: 'ana@nowhere.example', reason: 'manual', detail: '' }])
  t.same((await ask(a, 'POST', '', { email: 'ana@nowhere.example' })).json(), first.json())
  await suppress(dbOf(a), { tenantId: a.id, emailKey: 'rui@nowhere.example', reason: 'bounce', detail: '5.1.1' })
  t.match((await ask(a, 'POST', '', { email: 'rui@nowhere.example' })).json(), { reason: 'bounce', detail: '5.1.1' }, 'the first reason stays')
})

t.test('what is no plain address answers 400 REQUEST_INVALID', async (t) => {
  for (const email of [
    'nobody',
    'a@x.example,b@x.example',
    'a@x.example\r\nBcc: b@x.example',
    '"a b"@x.example',
    '\u0000@x.example',
    { not: '' },
    null,
  ]) {
    const answer = await ask(a, 'POST', '', { email })
    t.match([answer.statusCode, answer.json().code], [400, 'REQUEST_INVALID'], JSON.stringify(email))
  }
})

t.test('the worker learns which of its recipients are suppressed, of its own site only', async (t) => {
  const keys = ['ana@nowhere.example', 'rui@nowhere.example', 'eva@nowhere.example', 'ana@nowhere.example']
  t.same([...(await suppressedAmong(dbOf(a), keys))].sort(), ['ana@nowhere.example', 'rui@nowhere.example'])
  t.equal((await suppressedAmong(dbOf(b), keys)).size, 0)
  t.equal((await suppressedAmong(dbOf(a), [])).size, 0)
})

t.test('DELETE lets mail through again: 204, then 404 MAIL_SUPPRESSION_UNKNOWN', async (t) => {
  t.equal((await ask(b, 'DELETE', '/ana@nowhere.example')).statusCode, 404, 'not by another site')
  t.equal((await suppressedAmong(dbOf(a), ['ana@nowhere.example'])).size, 1, 'it is there')
  t.equal((await ask(a, 'DELETE', `/${encodeURIComponent('ANA@nowhere.example')}`)).statusCode, 204)
  t.equal((await suppressedAmong(dbOf(a), ['ana@nowhere.example'])).size, 0)
  for (const path of ['/ana@nowhere.example', '/nobody', '/%00%00%00']) {
    const answer = await ask(a, 'DELETE', path)
    t.ok([400, 404].includes(answer.statusCode), path)
  }
  t.equal((await ask(a, 'DELETE', '/ana@nowhere.example')).json().code, 'MAIL_SUPPRESSION_UNKNOWN')
})

t.test('the longest address can be suppressed, listed and let through again', async (t) => {
  const email = `${'é'.repeat(32)}@${'a'.repeat(63)}.${'b'.repeat(63)}.example`
  t.equal((await ask(b, 'POST', '', { email })).statusCode, 200)
  t.equal((await ask(b, 'GET')).json().items[0].email, email)
  t.equal((await ask(b, 'DELETE', `/${encodeURIComponent(email)}`)).statusCode, 204)
})

t.test('pages of any size hold every address once, newest first', async (t) => {
  // Many at one moment: the address decides; some are not ASCII, some have dots.
  await data.owner.query(
    `insert into mail_suppressions (tenant_id, email_key, reason, created_at)
     select $1, case when n % 3 = 0 then 'joão.' || n else 'u.' || n end || '@x.example', 'manual', '2026-11-01T00:00:00Z'::timestamptz + (n % 4) * interval '1 day'
     from generate_series(1, 23) n`,
    [b.id],
  )
  const page = async (query: string): Promise<{ items: Item[]; next: string | null }> => (await ask(b, 'GET', `?${query}`)).json()
  const whole = (await page('limit=100')).items.map(({ email }) => email)
  t.equal(whole.length, 23)
  for (const limit of [1, 5, 22, 23, 24]) {
    const found: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const part: { items: Item[]; next: string | null } = await page(`limit=${limit}${next && `&after=${next}`}`)
      found.push(...part.items.map(({ email }) => email))
      next = part.next
    }
    t.same(found, whole, `limit ${limit}`)
  }
  const { next } = await page('limit=5')
  t.equal((await ask(a, 'GET', `?after=${next}`)).json().code, 'CURSOR_INVALID', "another site's")
  for (const after of ['x', '', `${next}x`]) t.equal((await ask(b, 'GET', `?after=${after}`)).statusCode, 400, after)
})

t.test('without a session 401', async (t) => {
  for (const method of ['GET', 'POST'] as const) t.equal((await call(a, { method, url: '/v1/mail/suppressions' })).statusCode, 401, method)
  t.equal((await call(a, { method: 'DELETE', url: '/v1/mail/suppressions/a@b.example' })).statusCode, 401)
})

t.test('each needs its permission: 403 AUTH_FORBIDDEN', async (t) => {
  await data.owner.query(`update roles set permissions = array['mail:read'] where tenant_id = $1 and slug = 'owner'`, [a.id])
  const fresh = await test.another()
  const send = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
    fresh.inject({ method, url, headers: { host: a.host, authorization: `Bearer ${tokens.get(a.id)}` }, ...(payload ? { payload } : {}) })
  t.equal((await send('GET', '/v1/mail/suppressions')).statusCode, 200)
  t.equal((await send('POST', '/v1/mail/suppressions', { email: 'a@b.example' })).statusCode, 403)
  t.equal((await send('DELETE', '/v1/mail/suppressions/rui@nowhere.example')).statusCode, 403)
  t.equal((await send('POST', '/v1/mail-account/report-token')).statusCode, 403)
  t.equal((await send('PUT' as 'POST', '/v1/mail-account/webhook-secret', { secret: `whsec_${'A'.repeat(32)}` })).statusCode, 403)
})
