import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { provideEmbedded } from '../../src/embedded/environment.ts'
import { createTestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { readImportGraph, root, sourceFiles } from '../house/import-graph.ts'
import { sendRaw } from '../raw-request.ts'
import { dataFolder, sendMail } from './inbox-mail.ts'

/** The HTTP process, once it is ready. */
async function startServer(t: Test, env: Record<string, string>) {
  const port = await freePort()
  const { url } = await createTestDatabase(t)
  const common = { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: String(port), DATABASE_URL: url, DATA_DIR: await dataFolder(t) }
  const server = spawn(process.execPath, ['src/server.ts'], { env: { ...common, LOG_LEVEL: 'error', ...env }, stdio: 'inherit' })
  t.teardown(async () => {
    server.kill('SIGTERM')
    if (server.exitCode === null) await once(server, 'exit')
  })
  const ask = async (path: string, host = `inbox.localhost:${port}`) => sendRaw(port, [`GET ${path} HTTP/1.1`, `Host: ${host}`])
  const ready = async () => (await ask('/readyz').catch(() => undefined))?.status === 200
  await eventually(t, 'it is ready', ready, 20_000)
  return ask
}

t.test('outside production the HTTP process shows the inbox', async (t) => {
  const ask = await startServer(t, {})
  t.same(JSON.parse((await ask('/messages')).body), { items: [] })
  t.equal((await ask('/')).status, 200)
})

t.test('in production there is no inbox: its host is a site that nobody has', async (t) => {
  const ask = await startServer(t, {
    NODE_ENV: 'production',
    TRUST_PROXY: 'none',
    STORAGE_DIR: t.testdir(),
    SECRET_KEYS: `t:${randomBytes(32).toString('base64')}`,
  })
  for (const path of ['/', '/v1/site']) t.equal(JSON.parse((await ask(path)).body).code, 'TENANT_UNKNOWN', path)
  for (const path of ['/messages', '/events', '/inbox.js']) t.equal((await ask(path)).status, 404, path)
})

t.test('nothing that runs in production imports the inbox or its mail server', async (t) => {
  const graph = await readImportGraph()
  const outside = [...graph].filter(([file]) => !file.startsWith('src/embedded/'))
  t.ok(graph.get('src/embedded/environment.ts')?.includes('src/embedded/inbox/inbox.ts'), 'control')
  t.same(
    outside.filter(([, imports]) => imports.some((path) => path.startsWith('src/embedded/inbox/'))).map(([file]) => file),
    [],
  )
  const importing = /(?:from|import\()\s*'smtp-server'/
  const users: string[] = []
  for (const file of await sourceFiles()) if (importing.test(await readFile(join(root, file), 'utf8'))) users.push(file)
  t.same(users, ['src/embedded/inbox/smtp.ts'])
})

t.test('the inbox is added to the mail servers that sites may use', async (t) => {
  const environment = async (env: Record<string, string>) => {
    const embedded = await provideEmbedded({ DATA_DIR: await dataFolder(t), DATABASE_URL: 'postgresql://db.example/x', ...env }, () => {})
    t.teardown(embedded.stop)
    return embedded
  }
  const plain = await environment({})
  t.equal(plain.env.MAIL_PRIVATE_HOSTS, `127.0.0.1:${plain.inbox?.port}`)
  const own = await environment({ MAIL_PRIVATE_HOSTS: 'relay.lan:2525' })
  t.equal(own.env.MAIL_PRIVATE_HOSTS, `relay.lan:2525,127.0.0.1:${own.inbox?.port}`)
  if (!own.inbox) return t.fail('there is an inbox')
  t.match(await sendMail(own.inbox, {}), /^250/)
  await own.stop()
  await t.rejects(sendMail(own.inbox, {}), 'which ends with the rest')
})

t.test('with a database of one’s own and no packages for development, it starts without an inbox', async (t) => {
  const source = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve: (name, context, next) => {
      if (name === 'smtp-server') throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' })
      return next(name, context)
    } })
    const { provideEmbedded } = await import('./src/embedded/environment.ts')
    const { env, inbox, overrides, stop } = await provideEmbedded({ ...process.env, DATABASE_URL: 'postgresql://db.example/x' }, () => {})
    console.log(JSON.stringify([env.MAIL_PRIVATE_HOSTS ?? null, inbox ?? null, overrides]))
    await stop()`
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: await dataFolder(t) }
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.same(JSON.parse(await text(child.stdout)), [null, null, {}])
})
