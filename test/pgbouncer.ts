import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'
import { requireTool } from './tool.ts'

/**
 * Puts a real PgBouncer in transaction mode before the database, with fewer server connections than its clients have, and answers the URL
 * through it. Undefined where it is not installed: the test then ends as skipped.
 */
export async function startPgBouncer(t: Test, databaseUrl: string, serverConnections = 3): Promise<string | undefined> {
  const binary = requireTool(t, 'pgbouncer')
  if (!binary) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-pgbouncer-'))
  const url = new URL(databaseUrl)
  const port = await freePort()
  const config = join(folder, 'pgbouncer.ini')
  await chmod(folder, 0o755)
  await writeFile(
    config,
    `[databases]
* = host=${url.hostname} port=${url.port} user=${url.username} password=${url.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 200
server_login_retry = 1
`,
  )
  const bouncer = spawn(binary, [config], { ...(await ordinaryUser()), stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(async () => {
    await stop(bouncer)
    await rm(folder, { recursive: true, force: true })
  })
  await whenUp(bouncer)
  url.port = String(port)
  return url.href
}

/** PgBouncer refuses to run as root. */
async function ordinaryUser(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const nobody = (await readFile('/etc/passwd', 'utf8')).split('\n').find((line) => line.startsWith('nobody:'))
  const [, , uid, gid] = (nobody ?? 'nobody:x:65534:65534').split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

async function whenUp(bouncer: ChildProcess): Promise<void> {
  const log: string[] = []
  if (!bouncer.stderr) throw new Error('pgbouncer has no output')
  const lines = createInterface({ input: bouncer.stderr })
  await new Promise<void>((up, failed) => {
    lines.on('line', (line) => {
      log.push(line)
      if (line.includes('process up')) up()
    })
    bouncer.once('error', failed)
    bouncer.once('exit', () => failed(new Error(`pgbouncer did not start:\n${log.join('\n')}`)))
  })
}

async function stop(bouncer: ChildProcess): Promise<void> {
  if (bouncer.exitCode !== null || bouncer.signalCode !== null) return
  const gone = once(bouncer, 'exit')
  bouncer.kill('SIGTERM')
  await gone
}
