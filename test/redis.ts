import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createClient } from '@redis/client'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'
import { requireTool } from './tool.ts'

export interface TestRedis {
  url: string
  /** As kill -9 would end it: what it held is gone. */
  kill(): Promise<void>
  /** Again, on the same port. */
  start(): Promise<void>
  /** Stops it in its tracks: connections stay open, and nothing is answered. */
  stall(): void
  resume(): void
  /** Asks it, as an administrator would. */
  ask(...command: string[]): Promise<unknown>
}

/** A real Redis of the test's own. Undefined where none is installed: the test then ends as skipped. */
export async function startRedis(t: Test): Promise<TestRedis | undefined> {
  const binary = requireTool(t, 'redis-server', 'valkey-server')
  if (!binary) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let server: ChildProcess
  const start = async () => {
    server = spawn(binary, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await whenUp(server)
  }
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
  }
  await start()
  t.teardown(async () => {
    await kill()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    url,
    kill,
    start,
    stall: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async ask(...command) {
      const client = await createClient({ url }).connect()
      try {
        return await client.sendCommand(command)
      } finally {
        client.destroy()
      }
    },
  }
}

async function whenUp(server: ChildProcess): Promise<void> {
  const log: string[] = []
  if (!server.stdout) throw new Error('redis-server has no output')
  const lines = createInterface({ input: server.stdout })
  await new Promise<void>((up, failed) => {
    lines.on('line', (line) => {
      log.push(line)
      if (/ready to accept connections/i.test(line)) up()
    })
    server.once('error', failed)
    server.once('exit', () => failed(new Error(`redis-server did not start:\n${log.join('\n')}`)))
  })
}
