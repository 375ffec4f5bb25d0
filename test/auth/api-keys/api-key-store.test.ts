import t from 'tap'
import { makeApiKey, readApiKeyId } from '../../../src/security/api-key.ts'
import { createRateLimiter } from '../../../src/security/rate-limiter.ts'
import { permissions } from '../../../src/tenancy/permissions.ts'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { watchStatements } from '../../single-statements.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { setLimits } from '../minted.ts'
import { apiKeyCalls, bearer } from './api-key-calls.ts'

const { app, data, a, b, another } = await createTestApp(t)
const calls = authCalls(app)
const { open, send } = calls
const { make, read } = apiKeyCalls(calls)
const wrong = '401 AUTH_KEY_INVALID'
const all = await make(a, permissions)

t.afterEach(async () => {
  t.equal((await read(a, all.key)).statusCode, 200, 'a live key with the permission is let in')
})

t.test('a key does what it has a permission for and nothing else', async (t) => {
  const { key } = await make(a, ['mail:read'])
  t.equal((await read(a, key)).statusCode, 200)
  t.equal(outcome(await send(a, { method: 'PUT', url: '/v1/mail/domains/example.org' }, { headers: bearer(key) })), '403 AUTH_FORBIDDEN')
})

t.test('what is a member’s own is not for a key: 403 AUTH_PERSON_NEEDED', async (t) => {
  t.equal(outcome(await send(a, { url: '/v1/me' }, { headers: bearer(all.key) })), '403 AUTH_PERSON_NEEDED')
  t.equal(outcome(await send(a, { method: 'POST', url: '/v1/auth/sign-out' }, { headers: bearer(all.key) })), '403 AUTH_PERSON_NEEDED')
})

t.test('a key of another site answers 401 here', async (t) => {
  const foreign = await make(b, permissions)
  t.equal((await read(b, foreign.key)).statusCode, 200)
  t.equal(outcome(await read(a, foreign.key)), wrong)
})

t.test('an unknown, changed, cut, padded or megabyte-long key answers 401', async (t) => {
  const flipped = all.key.slice(0, -1) + (all.key.endsWith('A') ? 'B' : 'A')
  const head = all.key.slice(0, 30)
  for (const key of [makeApiKey().key, flipped, all.key.slice(0, -1), `${all.key}A`, 'tnk_', head + makeApiKey().key.slice(30), `${all.key}=`]) {
    t.equal(outcome(await read(a, key)), wrong, key)
  }
  t.equal(outcome(await read(a, `tnk_${'A'.repeat(1_000_000)}`)), wrong)
  t.equal(outcome(await read(a, `${all.key} ${all.key}`)), wrong)
})

t.test('the prefix is lower case; the scheme is Bearer in any case', async (t) => {
  t.equal(outcome(await read(a, all.key.replace('tnk_', 'TNK_'))), '401 AUTH_TOKEN_INVALID')
  for (const scheme of ['bearer', 'BEARER']) t.equal((await read(a, '', { headers: { authorization: `${scheme} ${all.key}` } })).statusCode, 200)
  for (const scheme of ['Basic', 'ApiKey', '']) {
    t.equal(outcome(await read(a, '', { headers: { authorization: `${scheme} ${all.key}`.trim() } })), '401 AUTH_REQUIRED', scheme)
  }
})

t.test('a key in a cookie or a query string is no key: 401', async (t) => {
  const at = (url: string, headers: Record<string, string> = {}) => send(a, { url }, { headers })
  t.equal(outcome(await at('/v1/mail-account', { cookie: `__Host-access=${all.key}` })), '401 AUTH_TOKEN_INVALID')
  t.equal(outcome(await at('/v1/mail-account', { cookie: `__Host-refresh=${all.key}` })), '401 AUTH_REQUIRED')
  t.equal(outcome(await at(`/v1/mail-account?access_token=${all.key}&key=${all.key}`)), '401 AUTH_REQUIRED')
  t.equal(outcome(await at('/v1/mail-account', { 'x-api-key': all.key })), '401 AUTH_REQUIRED')
})

t.test('one that expired a second ago answers 401, from memory too', async (t) => {
  const { id, key } = await make(a, ['mail:read'], { expiresAt: new Date(Date.now() + 60_000).toISOString() })
  t.equal((await read(a, key)).statusCode, 200)
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + 61_000
  t.equal(outcome(await read(a, key)), wrong)
  Date.now = now
  await data.owner.query(`update api_keys set expires_at = now() - interval '1 second' where id = $1`, [id])
  await eventually(t, 'it answers 401', async () => outcome(await read(a, key)) === wrong)
})

t.test('a revoked key answers 401 within 2 s on every copy, in the middle of its use', async (t) => {
  const other = await another()
  const { id, key } = await make(a, ['mail:read'])
  for (const on of [app, other]) t.equal((await read(a, key, { on })).statusCode, 200)
  const { accessToken } = await open(a)
  const revoke = () => send(a, { method: 'DELETE', url: `/v1/api-keys/${id}` }, { headers: bearer(accessToken) })
  t.equal((await revoke()).statusCode, 204)
  for (const on of [app, other]) await eventually(t, 'it answers 401', async () => outcome(await read(a, key, { on })) === wrong)
  t.equal((await revoke()).statusCode, 204, 'again')
  const { rows } = await data.owner.query(`select * from audit_events where action = 'api-key.revoked' and target = $1`, [id])
  t.equal(rows.length, 1, 'and was said once')
  t.equal(
    outcome(await send(b, { method: 'DELETE', url: `/v1/api-keys/${id}` }, { headers: bearer((await open(b)).accessToken) })),
    '404 API_KEY_UNKNOWN',
  )
})

t.test('while the listener is down a revoked key lives no longer than a second', async (t) => {
  const deaf = await another()
  await deaf.notifications.stop()
  await eventually(t, 'the listener counts as down', () => !deaf.notifications.healthy, 4_000)
  const { id, key } = await make(a, ['mail:read'])
  t.equal((await read(a, key, { on: deaf })).statusCode, 200)
  await data.owner.query('update api_keys set revoked_at = now() where id = $1', [id])
  await eventually(t, 'it answers 401', async () => outcome(await read(a, key, { on: deaf })) === wrong)
})

t.test('its use is noted once a minute at most', async (t) => {
  const { id, key } = await make(a, ['mail:read'])
  const used = async () => (await data.owner.query('select last_used_at, xmin::text from api_keys where id = $1', [id])).rows[0]
  await read(a, key)
  await eventually(t, 'it is noted', async () => (await used()).last_used_at !== null)
  const before = await used()
  for (let n = 0; n < 20; n++) await read(a, key)
  t.strictSame(await used(), before, 'twenty more uses write nothing')
})

t.test('failures are counted by network, and unknown ids are not looked up for ever', async (t) => {
  setLimits(t, app, { failedKeys: createRateLimiter({ limit: 10, windowMs: 60_000 }) })
  const from = '198.51.100.7'
  let looked = 0
  t.teardown(
    watchStatements(app, ({ text }) => {
      if (text.includes('from api_keys')) looked++
    }),
  )
  const outcomes: string[] = []
  for (let n = 0; n < 40; n++) outcomes.push(outcome(await read(a, makeApiKey().key, { from })))
  t.strictSame(outcomes.slice(0, 10), Array(10).fill(wrong))
  t.strictSame(new Set(outcomes.slice(10)), new Set(['429 RATE_LIMITED']))
  t.ok(looked >= 10 && looked <= 11, `${looked} look-ups for 40 guesses`)
  t.equal((await read(a, all.key, { from })).statusCode, 200, 'a live key in memory works from that network all the same')
  t.equal(outcome(await read(a, makeApiKey().key)), wrong, 'another network is not concerned')
})

t.test('an old key that some program goes on using bars no new one of that network', async (t) => {
  setLimits(t, app, { failedKeys: createRateLimiter({ limit: 10, windowMs: 60_000 }) })
  const from = '198.51.100.8'
  const old = makeApiKey().key
  for (let n = 0; n < 30; n++) await read(a, old, { from })
  t.equal(outcome(await read(a, old, { from })), '429 RATE_LIMITED')
  t.equal((await read(a, (await make(a, ['mail:read'])).key, { from })).statusCode, 200)
})

t.test('an id is read back out of its key, and only out of a whole one', async (t) => {
  for (let n = 0; n < 100; n++) {
    const { id, key } = makeApiKey()
    t.equal(readApiKeyId(key), id)
  }
  t.equal(readApiKeyId('tnk_x'), undefined)
})

t.test('the mail routes of staff work with a key, but not those that decide where mails go: 403 AUTH_PERSON_NEEDED', async (t) => {
  const as = (token: string) => (method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object) =>
    send(a, { method, url, ...(payload ? { payload } : {}) }, { headers: bearer(token) })
  const ask = as(all.key)
  const owner = as((await open(a)).accessToken)
  for (const url of ['/v1/mail-account', '/v1/mail/messages', '/v1/mail/templates', '/v1/mail/domains', '/v1/mail/suppressions', '/v1/api-keys']) {
    t.equal((await ask('GET', url)).statusCode, 200, url)
  }
  t.equal((await ask('PUT', '/v1/mail/templates/test/pt', { subject: 'Olá', body: 'Olá' })).statusCode, 200)
  t.equal((await ask('POST', '/v1/mail/templates/test/pt/preview', { subject: 'Olá', body: 'Olá' })).statusCode, 200)
  t.equal((await ask('DELETE', '/v1/mail/templates/test/pt')).statusCode, 204)
  t.equal((await ask('PUT', '/v1/mail/domains/example.org')).statusCode, 200)
  t.equal((await ask('DELETE', '/v1/mail/domains/example.org')).statusCode, 204)
  for (const [method, url, payload, status] of [
    ['POST', '/v1/mail/suppressions', { email: 'x@y.example' }, 200],
    ['PUT', '/v1/mail-account', { provider: 'none' }, 200],
    ['POST', '/v1/mail-account/report-token', undefined, 200],
    ['PUT', '/v1/mail-account/webhook-secret', { secret: `whsec_${'A'.repeat(32)}` }, 204],
  ] as const) {
    t.equal(outcome(await ask(method, url, payload)), '403 AUTH_PERSON_NEEDED', url)
    t.equal((await owner(method, url, payload)).statusCode, status, `control: ${url}`)
  }
  t.equal((await ask('DELETE', '/v1/mail/suppressions/x@y.example')).statusCode, 204)
  t.equal(outcome(await ask('POST', '/v1/mail-account/test')), '403 AUTH_PERSON_NEEDED')
  const { rows } = await data.owner.query(
    `select action, actor, target from audit_events where action like 'mail-%' and actor in ($1, $2) order by id`,
    [all.id, a.owner.id],
  )
  t.strictSame(
    rows.map(({ action, target }) => `${action} ${target ?? ''}`.trim()),
    [
      'mail-template.changed test/pt',
      'mail-template.removed test/pt',
      'mail-domain.added example.org',
      'mail-domain.removed example.org',
      'mail-suppression.added',
      'mail-account.changed',
      'mail-account.report-token-made',
      'mail-account.webhook-secret-changed',
      'mail-suppression.removed',
    ],
    'and each change is in the audit log',
  )
})
