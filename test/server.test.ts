import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { createTestApp, password } from './app.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { sendRaw } from './raw-request.ts'
import { productionEnvironment, refused, secretKeys, startServer } from './server-process.ts'

t.test('a faulty production environment exits 1 with one message that names each variable and holds no secret', async (t) => {
  const { ended, output } = startServer(t, {
    NODE_ENV: 'production',
    DATABASE_URL: 'postgresql://app:postgres@db.internal/tenantry',
    SECRET_KEYS: 'old:c2VjcmV0LXNlY3JldC1zZWNyZXQ=',
    PUBLIC_SCHEME: 'http',
    PORT: '99999',
    TRUST_PROXY: 'everybody',
    TENANT_RESOLVERS: 'subdomain',
  })
  t.same(await ended, [1, null])
  const [stdout, stderr] = await output
  t.equal(stdout, '')
  t.match(stderr, /^The configuration has 7 faults:\n/)
  for (const name of ['DATABASE_URL', 'SECRET_KEYS', 'PUBLIC_SCHEME', 'PORT', 'TRUST_PROXY', 'TENANT_BASE_DOMAIN', 'S3_BUCKET']) {
    t.match(stderr, new RegExp(`^ {2}${name} must `, 'm'))
  }
  t.notMatch(stderr, /app:postgres|db\.internal|c2VjcmV0|everybody|99999|\n\s+at /)
})

t.test('production without a database and keys exits 1 and starts no embedded one', async (t) => {
  const { ended, output } = startServer(t, { NODE_ENV: 'production' })
  t.same(await ended, [1, null])
  const [, stderr] = await output
  t.match(stderr, /DATABASE_URL must be set in production/)
  t.match(stderr, /SECRET_KEYS must be set in production/)
  t.match(stderr, /TRUST_PROXY must be set in production: name the proxies in front, .* or none where clients really connect directly/)
})

t.test('a port that is taken exits 1 and says so', async (t) => {
  const { app, data } = await createTestApp(t)
  const taken = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
  const { ended, output } = startServer(t, productionEnvironment(data.url, taken))
  t.same(await ended, [1, null])
  t.match((await output)[1], new RegExp(`Port ${taken} is in use`))
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} lets a request in flight finish, takes no new one, and exits 0`, async (t) => {
    const { data, a } = await createTestApp(t, { env: { SECRET_KEYS: secretKeys } })
    const port = await freePort()
    const { server, ended } = startServer(t, productionEnvironment(data.url, port))
    const status = async (path: string) => (await sendRaw(port, [`GET ${path} HTTP/1.1`, `Host: ${a.host}`]).catch(() => undefined))?.status
    await eventually(t, 'it is ready', async () => (await status('/readyz')) === 200, 60_000)

    // The sign-in waits for this lock, and is therefore in flight for as long as the test wants.
    await data.owner.query('begin')
    await data.owner.query('lock table members in access exclusive mode')
    const body = JSON.stringify({ email: a.owner.email, password })
    const slow = sendRaw(
      port,
      ['POST /v1/auth/sign-in HTTP/1.1', `Host: ${a.host}`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`],
      body,
    )
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    await eventually(t, 'the request is in flight', async () => (await data.owner.query(waiting)).rowCount === 1)
    server.kill(signal)
    await eventually(t, 'it takes no new connection', () => refused(port))
    t.equal(server.exitCode, null, 'it waits')
    await data.owner.query('commit')
    const answer = await slow
    t.equal(answer.status, 200)
    t.ok(JSON.parse(answer.body).accessToken)
    t.same(await ended, [0, null])
  })
}

t.test('an idle keep-alive connection does not hold the process back', async (t) => {
  const { data, a } = await createTestApp(t)
  const port = await freePort()
  const { server, ended } = startServer(t, productionEnvironment(data.url, port))
  await eventually(t, 'it listens', async () => !(await refused(port)), 60_000)
  const idle = connect(port, '127.0.0.1')
  idle.write(`GET /healthz HTTP/1.1\r\nHost: ${a.host}\r\n\r\n`)
  await once(idle, 'data')
  const before = performance.now()
  server.kill('SIGTERM')
  t.same(await ended, [0, null])
  t.ok(performance.now() - before < 5_000)
  idle.destroy()
})
