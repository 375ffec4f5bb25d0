import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { type Test, test } from 'tap'
import { loadConfig } from '../src/config.ts'
import { startService } from '../src/start-service.ts'
import { createTestDatabase } from './database.ts'

const secretKeys = `test:${Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('base64')}`

test('a port in use ends the start with a sentence that names the port, and nothing stays open', async (t) => {
  const data = await createTestDatabase(t)
  const port = await takenPort(t)
  const env = { NODE_ENV: 'test', DATABASE_URL: data.url, SECRET_KEYS: secretKeys, LOG_LEVEL: 'silent', HOST: '127.0.0.1', PORT: String(port) }
  await t.rejects(startService(loadConfig(env)), { message: `Port ${port} is in use. Stop what uses it, or set PORT to another.` })
  const others = await data.owner.query(
    `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  )
  t.equal(others.rowCount, 0, 'no connection is left')
})

const half = `
import { runProcess } from './src/run-process.ts'
runProcess(async (opened) => {
  opened(async () => console.log('first ended'))
  opened(async () => console.log('second ended'))
  if (process.argv[1] === 'stuck') for (const name of ['third', 'fourth']) opened(async () => { throw new Error(name + ' does not end') })
  if (process.argv[1] === 'fail') throw new Error('it cannot start')
  console.log('half-way')
  setInterval(() => {}, 1000)
  await new Promise(() => {})
})`

test('SIGTERM half-way through a start ends what is open, last first, and exits 0', async (t) => {
  const { child, lines } = run(t)
  const said: string[] = []
  for await (const line of lines) {
    said.push(line)
    if (line === 'half-way') child.kill('SIGTERM')
  }
  t.strictSame(said, ['half-way', 'second ended', 'first ended'])
  t.equal(child.exitCode ?? (await once(child, 'exit'))[0], 0)
})

test('a start that fails says why in one line, ends what is open and exits 1', async (t) => {
  const { child, lines } = run(t, 'fail')
  let complaint = ''
  child.stderr.on('data', (chunk) => {
    complaint += chunk
  })
  const said: string[] = []
  for await (const line of lines) said.push(line)
  t.strictSame(said, ['second ended', 'first ended'])
  t.equal(complaint, 'it cannot start\n')
  t.equal(child.exitCode ?? (await once(child, 'exit'))[0], 1)
})

test('what fails at its end leaves the others theirs: the first failure is told, and the process exits 1', async (t) => {
  const { child, lines } = run(t, 'stuck')
  const complaint = text(child.stderr)
  const said: string[] = []
  for await (const line of lines) {
    said.push(line)
    if (line === 'half-way') child.kill('SIGTERM')
  }
  t.strictSame(said, ['half-way', 'second ended', 'first ended'])
  t.equal(await complaint, 'fourth does not end\n')
  t.equal(child.exitCode ?? (await once(child, 'exit'))[0], 1)
})

function run(t: Test, ...args: string[]) {
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, ['--input-type=module', '--eval', half, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  return { child, lines: createInterface({ input: child.stdout }) }
}

async function takenPort(t: Test): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  t.teardown(() => holder.close())
  const address = holder.address()
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}
