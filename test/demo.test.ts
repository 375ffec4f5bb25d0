import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { sendRaw } from './raw-request.ts'

interface Account {
  email: string
  password: string
  role: string
}

interface Demo {
  sites: { slug: string; url: string; accounts: Account[] }[]
  console: { url: string; accounts: Account[] }
}

const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-demo-'))
// PostgreSQL runs as another user when the test runs as root.
await chmod(dataDir, 0o755)
t.teardown(() => rm(dataDir, { recursive: true, force: true }))
const port = await freePort()

/** `npm run demo`, once it serves. */
async function startDemo(t: Test) {
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: String(port), HOST: '127.0.0.1' }
  const demo = spawn(process.execPath, ['src/embedded/demo.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(demo, 'exit')
  t.teardown(() => demo.kill('SIGKILL'))
  let output = ''
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  await eventually(t, 'it says that it serves', () => output.includes('Ctrl-C stops it'), 60_000)
  return { demo, ended, output: () => output, read: async (): Promise<Demo> => JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) }
}

async function signIn(host: string, { email, password }: Account): Promise<number> {
  const body = JSON.stringify({ email, password })
  const lines = ['POST /v1/auth/sign-in HTTP/1.1', `Host: ${host}`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]
  return (await sendRaw(port, lines, body)).status
}

async function databaseRuns(): Promise<boolean> {
  const pid = (await readFile(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]
  return Boolean(pid) && (await stat(`/proc/${pid}`).catch(() => undefined)) !== undefined
}

t.test('the first start makes both sites, accounts that can sign in, and a table of what to open', async (t) => {
  const { demo, ended, output, read } = await startDemo(t)
  const { sites, console: platform } = await read()
  t.same(
    sites.map(({ slug }) => slug),
    ['camara-mezochi', 'cecab'],
  )
  t.equal((await stat(join(dataDir, 'demo.json'))).mode & 0o777, 0o600, 'its owner alone may read the passwords')
  for (const { url, accounts } of [...sites, platform]) {
    const { host, hostname } = new URL(url)
    t.equal(url, `http://${hostname}:${port}`)
    t.match(output(), url)
    t.equal(JSON.parse((await sendRaw(port, ['GET /v1/site HTTP/1.1', `Host: ${host}`])).body).origin, url)
    t.ok(accounts.length > 0)
    for (const account of accounts) t.equal(await signIn(host, account), 200, account.email)
  }
  const passwords = [...sites, platform].flatMap(({ accounts }) => accounts.map(({ password }) => password))
  t.equal(new Set(passwords).size, passwords.length)
  t.ok(passwords.every((password) => password.length >= 16))
  t.equal((await sendRaw(port, ['GET /readyz HTTP/1.1'])).status, 200)
  const foreign = sites[1]?.accounts[0]
  t.equal(foreign && (await signIn('camara-mezochi.localhost', foreign)), 401, 'an account of one site is none at another')

  t.equal(await databaseRuns(), true, 'control')
  demo.kill('SIGINT')
  t.same(await ended, [0, null])
  t.equal(await databaseRuns(), false, 'Ctrl-C stops the database too')
})

t.test('a second start on the same data is quick and keeps sites, accounts and passwords', async (t) => {
  const before: Demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'))
  const { demo, ended, output, read } = await startDemo(t)
  t.same(await read(), before)
  t.notMatch(output(), /creating|seeding|applied/)
  const [account] = before.sites[0]?.accounts ?? []
  t.equal(account && (await signIn('camara-mezochi.localhost', account)), 200)
  const second = spawn(process.execPath, ['src/embedded/demo.ts'], { env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: '0' } })
  const complaint = { text: '' }
  second.stderr.on('data', (chunk) => {
    complaint.text += chunk
  })
  t.same(await once(second, 'close'), [1, null], 'two at once on the same data: the second refuses')
  t.match(complaint.text, /Another Tenantry \(process \d+\) uses /)
  t.equal(await databaseRuns(), true, 'and leaves the first one’s database alone')
  demo.kill('SIGTERM')
  t.same(await ended, [0, null])
  t.equal(await databaseRuns(), false, 'SIGTERM stops the database too')
})

t.test('in production the demo refuses to start', async (t) => {
  const demo = spawn(process.execPath, ['src/embedded/demo.ts'], { env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, NODE_ENV: 'production' } })
  t.same(await once(demo, 'close'), [1, null])
})
