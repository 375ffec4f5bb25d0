import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Test, test } from 'tap'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { freePort } from '../free-port.ts'

const settings = { fsync: 'off' }

test('a second start keeps the data, and a second owner is refused', async (t) => {
  const dataDir = await dataFolder(t)
  const first = await startEmbeddedPostgres({ dataDir, settings })
  await ask(first.url('postgres'), 'create table kept as select 42 as answer')
  await t.rejects(startEmbeddedPostgres({ dataDir }), /uses .*DATA_DIR/, 'while the first one lives')
  t.same(await ask(first.url('postgres'), 'select answer from kept'), [{ answer: 42 }], 'which is not disturbed')
  await first.stop()

  const second = await startEmbeddedPostgres({ dataDir, settings })
  t.same(await ask(second.url('postgres'), 'select answer from kept'), [{ answer: 42 }])
  await second.stop()
})

test('what runs is PostgreSQL 17 on this machine alone, with the settings asked for and a password of its own', async (t) => {
  const dataDir = await dataFolder(t)
  const server = await startEmbeddedPostgres({ dataDir, settings: { ...settings, max_connections: '33' } })
  t.teardown(() => server.stop())
  const url = new URL(server.url('postgres'))
  t.match(
    await ask(
      url.href,
      `select current_setting('server_version') as version, current_setting('max_connections') as connections,
    current_setting('listen_addresses') as address, current_setting('fsync') as fsync`,
    ),
    [{ version: /^17\./, connections: '33', address: '127.0.0.1', fsync: 'off' }],
  )
  t.ok(url.password.length >= 32)
  url.password = 'postgres'
  await t.rejects(ask(url.href, 'select 1'), { code: '28P01' })
})

test('a port that somebody takes before the server does is left to them; where every one is, the start fails and says so', async (t) => {
  const dataDir = await dataFolder(t)
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  await t.rejects(startEmbeddedPostgres({ dataDir, settings, choosePort: async () => port }), /did not start: .*TCP\/IP sockets/)
  const taken = [port, port]
  const server = await startEmbeddedPostgres({ dataDir, settings, choosePort: async () => taken.shift() ?? freePort() })
  t.teardown(() => server.stop())
  t.same([taken, await ask(server.url('postgres'), 'select 1 as one')], [[], [{ one: 1 }]])
})

test('a cluster left running by a killed process is taken over', async (t) => {
  const dataDir = await dataFolder(t)
  const source = `
    import { startEmbeddedPostgres } from './src/embedded/postgres.ts'
    const server = await startEmbeddedPostgres({ dataDir: process.env.TEST_DATA_DIR, settings: { fsync: 'off' } })
    console.log(server.url('postgres'))
    setInterval(() => {}, 60_000)`
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    env: { ...process.env, TEST_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = await once(owner.stdout, 'data')
  const left = String(output).trim()
  await ask(left, 'create table kept as select 42 as answer')
  await t.rejects(startEmbeddedPostgres({ dataDir }), new RegExp(`process ${owner.pid}\\b`), 'not while its owner lives')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  t.same(await ask(left, 'select answer from kept'), [{ answer: 42 }], 'the server outlived it')

  const next = await startEmbeddedPostgres({ dataDir, settings })
  t.teardown(() => next.stop())
  t.same(await ask(next.url('postgres'), 'select answer from kept'), [{ answer: 42 }])
  await t.rejects(ask(left, 'select 1'), 'the old server is gone')
})

async function dataFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-embedded-'))
  await chmod(folder, 0o755)
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}
