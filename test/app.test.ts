import { PassThrough } from 'node:stream'
import t from 'tap'
import { loadConfig } from '../src/config.ts'
import { loggerOptions } from '../src/logger-options.ts'
import { createTestApp, password } from './app.ts'
import { eventually } from './eventually.ts'

interface Line {
  msg: string
  tenantId?: string
  reqId?: string
  status?: number
  path?: string
}

/** The service's own logger, into memory. */
function capture() {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk) => {
    text += chunk
  })
  const options = loggerOptions(loadConfig({ LOG_LEVEL: 'trace' }))
  const logger = { ...Object(options), stream }
  return {
    logger,
    text: () => text,
    lines: (): Line[] =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  }
}

t.test('the log says which site and which request, and holds no address, password, token, cookie or query', async (t) => {
  const log = capture()
  const { app, a, b, call, signIn, data } = await createTestApp(t, { overrides: { logger: log.logger } })
  const { accessToken, refreshToken } = await signIn(a)
  const post = (url: string, payload: object, headers = {}) => call(a, { method: 'POST', url, payload, headers })
  await post('/v1/auth/sign-in', { email: 'stranger@site-a.example', password: 'wrong password 1' })
  await post('/v1/auth/sign-in', { email: a.owner.email, password: 'wrong password 2' })
  await post('/v1/auth/sign-in', { email: { not: a.owner.email }, password, extra: 'wrong password 3' })
  await post('/v1/auth/refresh', { refreshToken })
  await post('/v1/auth/refresh', { refreshToken: 'x'.repeat(50) })
  await call(b, { url: '/v1/me', headers: { authorization: `Bearer ${accessToken}`, cookie: 'secret=biscuit' } })
  await call(a, { url: '/v1/collections/posts/entries?limit=5&token=secret-query' })
  await app.inject({ url: '/v1/site?token=secret-query', headers: { host: 'nobody.example' } })
  await data.owner.query('alter table members rename to gone')
  t.equal((await post('/v1/auth/sign-in', { email: a.owner.email, password })).statusCode, 500)
  const failed = await call(a, { url: '/v1/site', headers: { 'x-request-id': 'forged-id' } })

  const requests = log.lines().filter(({ msg }) => msg === 'request')
  t.ok(requests.length >= 11)
  t.ok(requests.filter(({ path }) => path === '/v1/auth/sign-in').every(({ tenantId }) => tenantId === a.id))
  t.match(
    requests.find(({ path, tenantId }) => path === '/v1/me' && tenantId === b.id),
    { status: 401 },
  )
  t.ok(requests.some(({ reqId }) => reqId === failed.headers['x-request-id']))
  t.ok(
    log.lines().some(({ msg, tenantId }) => msg.includes('our side') && tenantId === a.id),
    'the cause of the 500 is logged',
  )

  const secrets = [a.owner.email, 'stranger@', password, 'wrong password', accessToken, accessToken.split('.')[2] ?? '', refreshToken, 'x'.repeat(50)]
  for (const secret of [...secrets, 'biscuit', 'secret-query', 'forged-id', 'Bearer', '127.0.0.1']) {
    t.notOk(log.text().includes(secret), `no ${secret.slice(0, 20)}`)
  }
})

t.test('a secret that an error carries along is cut out by its name', async (t) => {
  const log = capture()
  const { app } = await createTestApp(t, { overrides: { logger: log.logger } })
  const secrets = {
    password: 's3cret',
    token: 's3cret',
    refreshToken: 's3cret',
    accessToken: 's3cret',
    authorization: 's3cret',
    cookie: 's3cret',
    email: 's3cret',
  }
  app.log.error({ ...secrets, err: Object.assign(new Error('failed'), secrets), meta: { body: secrets } }, 'control')
  t.ok(log.lines().some(({ msg }) => msg === 'control'))
  t.notMatch(log.text(), /s3cret/)
})

t.test(
  'a connection that broke is told of without the connection: pg hangs it on its errors, with the key that cancels what runs on it',
  async (t) => {
    const log = capture()
    const { data } = await createTestApp(t, { overrides: { logger: log.logger } })
    const broke = () => log.lines().find(({ msg }) => msg === 'an idle database connection failed')
    await data.owner.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')
    await eventually(t, 'it is told of', () => broke() !== undefined)
    t.match(broke(), { err: { code: '57P01', client: undefined } })
    t.notMatch(log.text(), /secretKey/)
  },
)

t.test('closing lets nothing hang: pools, listener and timers are gone', async (t) => {
  const { app, data } = await createTestApp(t)
  const connections = `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`
  t.ok(Number((await data.owner.query(connections)).rowCount) > 0)
  await app.close()
  const application = `${connections} and usename is not null and query !~ 'Name of'`
  t.ok(Number((await data.owner.query(application)).rowCount) <= 4, 'what is left belongs to the fixture')
})
