import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { askRaw } from './raw-request.ts'

interface Account {
  email: string
  password: string
  role: string
}

interface Demo {
  sites: { slug: string; url: string; accounts: Account[] }[]
  console: { url: string; accounts: Account[] }
  inbox: { url: string }
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

const ask = (lines: readonly string[], body?: string) => askRaw(port, lines, body)

async function post(host: string, path: string, json: object) {
  const body = JSON.stringify(json)
  const lines = [`POST ${path} HTTP/1.1`, `Host: ${host}`, 'Accept-Language: pt', 'Content-Type: application/json']
  return ask([...lines, `Content-Length: ${Buffer.byteLength(body)}`], body)
}

async function signIn(host: string, { email, password }: Pick<Account, 'email' | 'password'>): Promise<number> {
  return (await post(host, '/v1/auth/sign-in', { email, password })).status
}

async function readInbox(path: string) {
  return JSON.parse((await ask([`GET ${path} HTTP/1.1`, 'Host: inbox.localhost'])).body)
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
    t.equal(JSON.parse((await ask(['GET /v1/site HTTP/1.1', `Host: ${host}`])).body).origin, url)
    t.ok(accounts.length > 0)
    for (const account of accounts) t.equal(await signIn(host, account), 200, account.email)
  }
  const passwords = [...sites, platform].flatMap(({ accounts }) => accounts.map(({ password }) => password))
  t.equal(new Set(passwords).size, passwords.length)
  t.ok(passwords.every((password) => password.length >= 16))
  t.equal((await ask(['GET /readyz HTTP/1.1'])).status, 200)
  const foreign = sites[1]?.accounts[0]
  t.equal(foreign && (await signIn('camara-mezochi.localhost', foreign)), 401, 'an account of one site is none at another')

  t.equal(await databaseRuns(), true, 'control')
  demo.kill('SIGINT')
  t.same(await ended, [0, null])
  t.equal(await databaseRuns(), false, 'Ctrl-C stops the database too')
})

t.test('whoever signs up at a site gets a mail in its name, brand and language, and its code opens the account', async (t) => {
  const { demo, ended, output, read } = await startDemo(t)
  const { sites, inbox } = await read()
  t.equal(inbox.url, `http://inbox.localhost:${port}`)
  t.match(output(), `${inbox.url} `)
  const shown: { slug: string; html: string; colour: string }[] = []
  for (const { slug, url } of sites) {
    const host = new URL(url).hostname
    const { name, brand } = JSON.parse((await ask(['GET /v1/site HTTP/1.1', `Host: ${host}`])).body)
    const account = { email: `ana@${slug}.example`, password: 'uma palavra bem comprida' }
    const asked = await post(host, '/v1/auth/sign-up', { ...account, name: 'Ana' })
    t.equal(asked.status, 202)
    t.equal(await signIn(host, account), 401, 'not before the address is proven')

    const arrived = async () => (await readInbox(`/messages?site=${slug}`)).items
    await eventually(t, 'the mail is in the inbox', async () => (await arrived()).length > 0, 20_000)
    const [{ id }] = await arrived()
    const { from, to, subject, text, html } = await readInbox(`/messages/${id}`)
    t.match(
      { from, to, subject },
      { from: { name, address: `nao-responder@${slug}.example` }, to: account.email, subject: /confirme o seu endereço/ },
    )
    t.match(html, /<html[^>]* lang="pt"/)
    t.match(text, `${url}/account/verify-email?token=`, 'the link leads to the site')
    shown.push({ slug, html, colour: brand.colors.primary })

    const code = /^\s*(\d{3}) ?(\d{3})\s*$/m.exec(text)?.slice(1).join('')
    const proof = { challenge: JSON.parse(asked.body).challenge, code }
    t.equal((await post(host, '/v1/auth/verify-email', proof)).status, 200)
    t.equal(await signIn(host, account), 200)
  }
  const [one, two] = shown
  if (!one || !two) return t.fail('two sites have sent')
  t.match(one.html, one.colour)
  t.match(two.html, two.colour)
  t.notMatch(one.html, two.colour)
  t.notMatch(two.html, one.colour)
  t.match((await ask(['GET / HTTP/1.1', 'Host: inbox.localhost'])).body, /ana@cecab\.example/)
  demo.kill('SIGTERM')
  t.same(await ended, [0, null])
})

t.test('a second start on the same data is quick and keeps sites, accounts and passwords', async (t) => {
  const before: Demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'))
  const { demo, ended, output, read } = await startDemo(t)
  t.same(await read(), before)
  t.notMatch(output(), /creating|seeding|applied/)
  const [account] = before.sites[0]?.accounts ?? []
  t.equal(account && (await signIn('camara-mezochi.localhost', account)), 200)
  t.equal((await readInbox('/messages')).items.length, 2, 'the mails of earlier runs are there')
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
