import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp } from '../app.ts'
import { startResend } from './resend-server.ts'
import { marker, type SmtpServerOptions, startSmtpServer } from './smtp-server.ts'
import { asStaff } from './staff.ts'

const login = { user: 'camara', pass: 'S3cret-of-the-server' }
const sender = { name: 'Câmara de Mé-Zóchi', address: 'No-Reply@Câmara.example' }
const timeouts = { connection: 5_000, greeting: 4_000, socket: 5_000, whole: 8_000 }
const url = '/v1/mail-account'
const ample = { mailChecks: createRateLimiter({ limit: 1_000, windowMs: 60_000 }) }

/** The service, its owner signed in, a server that it may use, and settings that fit it. */
async function start(t: Test, options: SmtpServerOptions = { auth: login }) {
  const server = await startSmtpServer(t, options)
  const log: string[] = []
  const stream = new Writable({
    write(line, _encoding, done) {
      log.push(String(line))
      done()
    },
  })
  const site = await createTestApp(t, {
    env: { MAIL_PRIVATE_HOSTS: '127.0.0.1,localhost' },
    overrides: { mail: { timeouts }, limits: ample, logger: { level: 'info', stream } },
  })
  const owner = await asStaff(site, site.a, 'owner')
  const wish = { provider: 'smtp', host: '127.0.0.1', port: server.port, security: 'none', username: login.user, secret: login.pass, sender }
  const row = async (tenantId: string) => (await site.data.owner.query('select * from mail_accounts where tenant_id = $1', [tenantId])).rows[0]
  return { ...site, server, log, owner, wish, row }
}

t.test('a site that never set anything up has no account, and the platform may stand in', async (t) => {
  const { owner } = await start(t)
  const answer = await owner.call('GET', url)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.match(answer.json(), {
    provider: 'none',
    hasSecret: false,
    fallback: true,
    dailyCap: 1_000,
    verifiedAt: null,
    state: { failures: 0, lastFailure: null },
  })
})

t.test('settings that the server takes are kept, the secret sealed and never shown', async (t) => {
  const { owner, wish, row, a, b, data, app, server } = await start(t)
  const saved = await owner.call('PUT', url, { ...wish, replyTo: 'Balcao@site-a.example', fallback: false, dailyCap: 50 })
  t.equal(saved.statusCode, 200)
  t.equal(saved.headers['cache-control'], 'no-store')
  const read = await owner.call('GET', url)
  t.same(read.json(), saved.json())
  const { verifiedAt, ...rest } = read.json()
  t.same(rest, {
    provider: 'smtp',
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
    username: login.user,
    hasSecret: true,
    sender: { name: sender.name, address: 'no-reply@xn--cmara-3qa.example' },
    replyTo: 'balcao@site-a.example',
    fallback: false,
    dailyCap: 50,
    state: { failures: 0, lastFailure: null, pausedUntil: null },
  })
  t.ok(Math.abs(Date.parse(verifiedAt) - Date.now()) < 10_000)
  t.notMatch(read.body + saved.body, login.pass)
  const kept = await row(a.id)
  t.notMatch(JSON.stringify(kept), login.pass)
  const place = { tenantId: a.id, field: 'mail_accounts.sealed_secret' }
  t.equal(app.secretBox.open(kept.sealed_secret, place), login.pass, 'control: it is there')
  t.throws(() => app.secretBox.open(kept.sealed_secret, { ...place, tenantId: b.id }), 'and opens nowhere else')
  t.equal(kept.revision, 1)
  t.equal(server.received.length, 0, 'nothing was sent')
  t.equal((await data.owner.query('select count(*)::int as n from mail_accounts')).rows[0].n, 1, 'no other site has one')
})

t.test("another site's account is neither seen nor changed", async (t) => {
  const test = await start(t)
  await test.owner.call('PUT', url, test.wish)
  const other = await asStaff(test, test.b, 'owner')
  t.equal((await other.call('GET', url)).json().provider, 'none')
  t.equal((await other.call('PUT', url, { provider: 'none', sender: { name: 'B', address: 'b@site-b.example' } })).statusCode, 200)
  t.match((await test.owner.call('GET', url)).json(), { provider: 'smtp', sender: { name: sender.name } }, 'control')
})

t.test('a change starts anew: revision up, failures forgotten', async (t) => {
  const { owner, wish, data, a, row } = await start(t)
  await owner.call('PUT', url, wish)
  await data.owner.query(`update mail_accounts set failures = 4, last_failure = 'sign-in-refused', paused_until = now() + interval '1 hour'`)
  const troubled = (await owner.call('GET', url)).json().state
  t.match(troubled, { failures: 4, lastFailure: 'The server did not take the user name and password.', pausedUntil: String })
  const { secret: _secret, ...same } = wish
  const answer = await owner.call('PUT', url, same)
  t.equal(answer.statusCode, 200, 'the stored secret is used again')
  t.same(answer.json().state, { failures: 0, lastFailure: null, pausedUntil: null })
  t.match(await row(a.id), { revision: 2, sealed_secret: /^v1\./ })
})

t.test('a stored secret goes to no other server or user', async (t) => {
  const { owner, wish, a, row, server } = await start(t)
  await owner.call('PUT', url, wish)
  const before = await row(a.id)
  const { secret: _secret, ...rest } = wish
  const elsewhere = await startSmtpServer(t, { auth: login })
  const changes = [
    { host: 'localhost' },
    { port: elsewhere.port },
    { username: 'other' },
    { security: 'tls' },
    { security: 'starttls' },
    { provider: 'resend' },
  ]
  for (const change of changes) {
    const answer = await owner.call('PUT', url, { ...rest, ...change })
    t.match([answer.statusCode, answer.json().code], [400, 'REQUEST_INVALID'], JSON.stringify(change))
    t.match(answer.json().issues, [{ path: '/secret' }])
  }
  t.equal(elsewhere.connections(), 0, 'nobody else was even asked')
  t.same(await row(a.id), before)
  server.faults.auth = 535
  t.match(
    (await owner.call('PUT', url, rest)).json().issues,
    [{ path: '/secret', message: 'The server did not take the user name and password.' }],
    'control: it is tried again where it was',
  )
})

const wrong: readonly (readonly [change: object, path: string])[] = [
  [{ sender: { ...sender, address: 'a@x.example\r\nBcc: evil@y.example' } }, '/sender/address'],
  [{ sender: { ...sender, address: 'a@x.example,evil@y.example' } }, '/sender/address'],
  [{ sender: { ...sender, address: 'Group: a@x.example;' } }, '/sender/address'],
  [{ sender: { ...sender, address: '"a b"@x.example' } }, '/sender/address'],
  [{ sender: { ...sender, address: 'A <a@x.example>' } }, '/sender/address'],
  [{ sender: { ...sender, address: '' } }, '/sender/address'],
  [{ sender: { ...sender, name: 'A\r\nBcc: evil@y.example' } }, '/sender/name'],
  [{ sender: { ...sender, name: 'A\nB' } }, '/sender/name'],
  [{ sender: { ...sender, name: 'A\u0000B' } }, ''],
  [{ sender: { ...sender, name: 'A\u2028B' } }, '/sender/name'],
  [{ sender: { ...sender, name: 'A\u202eB' } }, '/sender/name'],
  [{ sender: { ...sender, name: 'A <evil@y.example>' } }, '/sender/name'],
  [{ sender: { ...sender, name: 'A, evil' } }, '/sender/name'],
  [{ sender: { ...sender, name: 'Group: evil' } }, '/sender/name'],
  [{ sender: { ...sender, name: '"A"' } }, '/sender/name'],
  [{ sender: { ...sender, name: 'x\ud800y' } }, ''],
  [{ replyTo: 'a@x.example, b@y.example' }, '/replyTo'],
  [{ replyTo: 'a@x.example\r\nX: y' }, '/replyTo'],
  [{ username: 'a\r\nb' }, '/username'],
  [{ username: 'a\u0000b' }, ''],
  [{ secret: 'a\u0000b' }, ''],
  [{ secret: 'a\nb' }, '/secret'],
  [{ secret: '' }, '/secret'],
  [{ host: '' }, '/host'],
  [{ port: 0 }, '/port'],
  [{ port: 65_536 }, '/port'],
  [{ port: '465' }, '/port'],
  [{ security: 'ssl' }, '/security'],
  [{ provider: 'sendmail' }, '/provider'],
  [{ dailyCap: -1 }, '/dailyCap'],
  [{ sender: { name: 'x'.repeat(101), address: sender.address } }, '/sender/name'],
  [{ provider: 'resend', secret: 're_1\r\nX-Evil: 1' }, '/secret'],
]

t.test('what could write into a mail, or is no setting at all, answers 400 and names the place', async (t) => {
  const { owner, wish, server, a, row } = await start(t)
  for (const [change, path] of wrong) {
    const answer = await owner.call('PUT', url, { ...wish, ...change })
    t.match([answer.statusCode, answer.json().code], [400, 'REQUEST_INVALID'], encodeURIComponent(JSON.stringify(change)))
    t.ok(
      answer.json().issues?.some((issue: { path: string }) => issue.path === path),
      `${path} is named`,
    )
  }
  for (const extra of [{ tenantId: a.id }, { revision: 7 }, { hasSecret: true }]) {
    t.equal((await owner.call('PUT', url, { ...wish, ...extra })).statusCode, 400, JSON.stringify(extra))
  }
  t.equal(server.connections(), 0)
  t.equal(await row(a.id), undefined)
  t.equal((await owner.call('PUT', url, wish)).statusCode, 200, 'control')
})

const refusedHosts = [
  '127.0.0.2',
  '10.0.0.1',
  '169.254.169.254',
  '2130706433',
  '0177.0.0.1',
  '0x7f.1',
  '127.1',
  '[::1]',
  '::ffff:127.0.0.1',
  'localhost',
  'mail.localhost',
]
const refusedNames = [
  'db.internal',
  'postgres.railway.internal',
  'printer.local',
  'smtp',
  'inner.example',
  'both.example',
  'unknown.example',
  'mail.example.',
]

t.test('a host that is not of the public Internet answers 422 with one and the same sentence', async (t) => {
  const inner = await startSmtpServer(t, { port: 2525, host: '127.0.0.2' })
  const lookup = async (host: string) => {
    if (host === 'inner.example') return [{ address: '127.0.0.2', family: 4 }]
    if (host === 'both.example') return ['2d00::1', '127.0.0.2'].map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    throw Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' })
  }
  const site = await createTestApp(t, { overrides: { mail: { timeouts, lookup }, limits: ample } })
  const owner = await asStaff(site, site.a, 'owner')
  const bodies = new Set<string>()
  for (const host of [...refusedHosts, ...refusedNames]) {
    for (const security of ['none', 'tls', 'starttls']) {
      const answer = await owner.call('PUT', url, { provider: 'smtp', host, port: 2525, security, sender })
      const { requestId: _id, ...body } = answer.json()
      t.equal(answer.statusCode, 422, `${host} ${security}`)
      bodies.add(JSON.stringify(body))
    }
  }
  t.equal(bodies.size, 1)
  t.match([...bodies][0], 'This host is not allowed')
  t.equal(inner.connections(), 0)
})

t.test('what the server does not take is not kept, and its words go nowhere', async (t) => {
  const { owner, wish, server, a, row, log } = await start(t)
  await owner.call('PUT', url, wish)
  const before = await row(a.id)
  const cases = [
    ['auth', 535, '/secret', 'The server did not take the user name and password.'],
    ['auth', 454, '/host', 'The server wants fewer mails for now.'],
    ['auth', 'hang', '/host', 'The server answers too slowly.'],
    ['connect', 554, '/host', 'The server does not answer.'],
    ['connect', 421, '/host', 'The server wants fewer mails for now.'],
    ['connect', 'drop', '/host', 'The server does not answer.'],
    ['connect', 'drip', '/host', 'The server answers too slowly.'],
  ] as const
  for (const [stage, fault, path, message] of cases) {
    server.faults[stage] = fault
    const answer = await owner.call('PUT', url, { ...wish, sender: { ...sender, name: 'Changed' } })
    t.match([answer.statusCode, answer.json().code], [422, 'MAIL_ACCOUNT_REFUSED'], `${stage} ${fault}`)
    t.same(answer.json().issues, [{ path, message }])
    t.notMatch(answer.body, marker)
    delete server.faults[stage]
  }
  const insecure = await owner.call('PUT', url, { ...wish, security: 'starttls' })
  t.match(insecure.json().issues, [{ path: '/security' }])
  t.same(await row(a.id), before)
  t.ok(log.length > cases.length, 'control: there is a log')
  t.notMatch(log.join('\n'), marker)
  t.notMatch(log.join('\n'), login.pass)
})

t.test('none forgets the server and its secret, and keeps who the mails are from', async (t) => {
  const { owner, wish, a, row } = await start(t)
  await owner.call('PUT', url, { ...wish, fallback: false, replyTo: 'balcao@site-a.example' })
  const answer = await owner.call('PUT', url, { provider: 'none' })
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), {
    provider: 'none',
    host: '',
    hasSecret: false,
    verifiedAt: null,
    fallback: false,
    replyTo: 'balcao@site-a.example',
    sender: { name: sender.name },
  })
  t.match(await row(a.id), { sealed_secret: null, username: '', revision: 2 })
})

t.test('an API key is checked and kept like a password', async (t) => {
  const api = await startResend(t, 're_good')
  const site = await createTestApp(t, { overrides: { mail: { resendOrigin: api.origin, timeouts }, limits: ample } })
  const owner = await asStaff(site, site.a, 'owner')
  const wish = { provider: 'resend', secret: 're_good', sender }
  const refused = await owner.call('PUT', url, { ...wish, secret: 're_bad' })
  t.match([refused.statusCode, refused.json().issues], [422, [{ path: '/secret' }]])
  t.notMatch(refused.body, marker)
  t.match((await owner.call('PUT', url, { ...wish, host: 'mail.example.org', port: 25 })).json(), {
    provider: 'resend',
    host: '',
    port: 0,
    hasSecret: true,
  })
  t.equal((await owner.call('PUT', url, { provider: 'resend' })).statusCode, 200, 'and used again')
  t.ok(
    api.requests.every(({ url }) => url === '/domains'),
    'nothing was sent',
  )
})

t.test('permissions, sign-in and limits', async (t) => {
  const limits = { mailChecks: createRateLimiter({ limit: 2, windowMs: 60_000 }) }
  const site = await createTestApp(t, { overrides: { limits } })
  const editor = await asStaff(site, site.a, 'editor')
  for (const [method, path] of [
    ['GET', url],
    ['PUT', url],
    ['POST', `${url}/test`],
  ] as const) {
    const payload = method === 'PUT' ? { provider: 'none' } : undefined
    t.equal((await editor.call(method, path, payload)).json().code, 'AUTH_FORBIDDEN', `${method} ${path}`)
    t.equal((await site.call(site.a, { method, url: path, ...(payload ? { payload } : {}) })).json().code, 'AUTH_REQUIRED')
  }
  const owner = await asStaff(site, site.a, 'owner')
  for (let time = 1; time <= 2; time++) t.equal((await owner.call('PUT', url, { provider: 'none' })).statusCode, 200)
  const limited = await owner.call('PUT', url, { provider: 'none' })
  t.match([limited.statusCode, limited.json().code], [429, 'RATE_LIMITED'])
  t.ok(Number(limited.headers['retry-after']) > 0)
  t.equal((await owner.call('POST', `${url}/test`)).json().code, 'RATE_LIMITED')
  const other = await asStaff(site, site.b, 'owner')
  t.equal((await other.call('PUT', url, { provider: 'none' })).statusCode, 200, 'another site has its own')
})
