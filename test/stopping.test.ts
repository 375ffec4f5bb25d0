import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import t, { type Test } from 'tap'
import { createTestApp, password, type TestApp } from './app.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { mailAccount, queueMails } from './mail/mail-sites.ts'
import { photo } from './media/media-calls.ts'
import { multipart } from './multipart.ts'
import { sendRaw } from './raw-request.ts'
import { productionEnvironment, refused, secretKeys, startServer } from './server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

const lockWaiters = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

/** A server that serves, and a client whose connections are kept, as a proxy's are. */
async function serving(t: Test, more: Record<string, string> = {}) {
  const tested = await createTestApp(t, { env: { SECRET_KEYS: secretKeys } })
  const port = await freePort()
  const env = { ...productionEnvironment(tested.data.url, port), S3_BUCKET: '', STORAGE_DIR: await temporaryFolder(t), ...more }
  const { server, ended, output } = startServer(t, env)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 })
  t.teardown(() => agent.destroy())
  const { host } = tested.a
  const open = (method: string, path: string, headers: Record<string, string> = {}) =>
    http.request({ host: '127.0.0.1', port, agent, method, path, headers: { host, ...headers } })
  const ask = (path: string) => answerOf(open('GET', path), '')
  const signIn = () =>
    answerOf(open('POST', '/v1/auth/sign-in', { 'content-type': 'application/json' }), JSON.stringify({ email: tested.a.owner.email, password }))
  await eventually(t, 'it is ready', async () => (await ask('/readyz').catch(() => undefined))?.status === 200, 60_000)
  return { ...tested, port, server, ended, output, open, ask, signIn }
}

async function answerOf(request: http.ClientRequest, body: string | Buffer) {
  request.end(body)
  const [response]: [http.IncomingMessage] = (await once(request, 'response')) as [http.IncomingMessage]
  const said = await text(response)
  return { status: response.statusCode, connection: response.headers.connection, body: said }
}

t.test('a copy that is told to stop is not ready at once, serves on for a while, sends kept connections away, and exits 0', async (t) => {
  const { ask, port, server, ended } = await serving(t, { STOP_DELAY_SECONDS: '8' })
  t.match(await ask('/v1/site'), { status: 200, connection: 'keep-alive' }, 'control')
  const told = performance.now()
  server.kill('SIGTERM')
  await eventually(t, '/readyz answers 503', async () => (await ask('/readyz')).status === 503)
  for (const path of ['/v1/site', '/healthz', '/v1/collections']) t.match(await ask(path), { status: 200, connection: 'close' }, path)
  t.match(await ask('/readyz'), { status: 503, connection: 'close', body: /NOT_READY/ })
  await eventually(t, 'nobody is let in any more', () => refused(port), 20_000)
  t.ok(performance.now() - told >= 8_000, 'after the time it was given')
  t.same(await ended, [0, null])
})

t.test('a request in flight on a kept connection is answered, told to go, and holds nobody; a second signal does not hurry it', async (t) => {
  const { data, signIn, port, server, ended } = await serving(t)
  await data.owner.query('begin')
  await data.owner.query('lock table members in access exclusive mode')
  const slow = signIn()
  await eventually(t, 'it is in flight', async () => (await data.owner.query(lockWaiters)).rowCount === 1)
  server.kill('SIGTERM')
  await eventually(t, 'nobody is let in any more', () => refused(port))
  server.kill('SIGTERM')
  server.kill('SIGINT')
  t.equal(server.exitCode, null, 'it waits')
  await data.owner.query('commit')
  t.match(await slow, { status: 200, connection: 'close', body: /accessToken/ })
  const answered = performance.now()
  t.same(await ended, [0, null])
  t.ok(performance.now() - answered < 5_000, 'the kept connection is not waited for')
})

t.test('an upload in flight is taken to its end', async (t) => {
  const { signIn, open, port, server, ended } = await serving(t)
  const { accessToken } = JSON.parse((await signIn()).body)
  const { payload, headers } = multipart({ name: 'Praia.png', bytes: await photo(300, 200) })
  const upload = open('POST', '/v1/media', { ...headers, authorization: `Bearer ${accessToken}` })
  await new Promise((written) => upload.write(payload.subarray(0, 400), written))
  // Its first bytes have come when they are answered on a connection that came later.
  t.equal((await sendRaw(port, ['GET /healthz HTTP/1.1', 'Host: any.example'])).status, 200)
  server.kill('SIGTERM')
  await eventually(t, 'nobody is let in any more', () => refused(port))
  t.match(await answerOf(upload, payload.subarray(400)), { status: 201, connection: 'close', body: /"name":"Praia.png"/ })
  t.same(await ended, [0, null])
})

t.test('a connection on which nothing was ever asked holds nobody', async (t) => {
  const { port, server, ended } = await serving(t)
  const silent = connect(port, '127.0.0.1')
  await once(silent, 'connect')
  t.teardown(() => silent.destroy())
  const told = performance.now()
  server.kill('SIGTERM')
  t.same(await ended, [0, null])
  t.ok(performance.now() - told < 5_000)
})

t.test('a mail that is being sent is marked as sent; what comes to the queue afterwards is left to others', async (t) => {
  const mails = await startSlowMailServer(t)
  const tested = await serving(t, { STOP_DELAY_SECONDS: '4', MAIL_PRIVATE_HOSTS: `127.0.0.1:${mails.port}` })
  const { a, b, app, server, ended } = tested
  for (const { id } of [a, b]) await app.database.forTenant(id).mailAccount.create({ data: mailAccount(id, mails) })
  await queueMails(app.database, a.id, 1)
  await eventually(t, 'a mail has reached the mail server', () => mails.waiting.length === 1, 10_000)
  server.kill('SIGTERM')
  await eventually(t, 'it drains', async () => (await tested.ask('/readyz')).status === 503)
  await queueMails(app.database, b.id, 1)
  await eventually(t, 'the second mail is in the queue', async () => (await states(tested)).length === 2)
  for (const taken of mails.waiting) taken()
  t.same(await ended, [0, null])
  t.same(await states(tested), ['queued', 'sent'])
  const { rows } = await tested.data.owner.query('select from graphile_worker.jobs where locked_at is not null')
  t.equal(rows.length, 0, 'nothing is left locked')
})

t.test('what hangs is given up: the process says so and exits 1', async (t) => {
  const hang = `
    import { runProcess } from './src/run-process.ts'
    runProcess(async (opened) => {
      setInterval(() => {}, 1000)
      opened(() => new Promise(() => {}), 300)
      console.log('up')
    }, 200)`
  const { NODE_OPTIONS: _, ...env } = process.env
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', hang], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  if (!child.stdout || !child.stderr) throw new Error('no pipes')
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  t.equal(await text(child.stderr), 'What was in flight has not ended within 0.5 seconds; the process ends all the same.\n')
  t.same(await ended, [1, null])
})

async function states({ data }: Pick<TestApp, 'data'>): Promise<string[]> {
  const { rows } = await data.owner.query<{ status: string }>('select status from mail_messages order by status')
  return rows.map(({ status }) => status)
}

/** Takes mails, and says so when it is told to. */
async function startSlowMailServer(t: Test) {
  const waiting: (() => void)[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      stream.resume().on('end', () => waiting.push(() => done()))
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  t.teardown(() => new Promise<void>((closed) => server.close(() => closed())))
  const address = listening.address()
  return { waiting, port: address && typeof address === 'object' ? address.port : 0 }
}
