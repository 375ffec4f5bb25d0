import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'

export const secretKeys = `t:${randomBytes(32).toString('base64')}`

/** The process as a platform starts it; ended when the test ends. */
export function startServer(t: Test, env: Record<string, string>) {
  const server = spawn(process.execPath, ['src/server.ts'], {
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(server, 'exit')
  t.teardown(() => server.kill('SIGKILL'))
  return { server, ended, output: Promise.all([text(server.stdout), text(server.stderr)]) }
}

/** Nobody is in front, so it stops without delay. */
export function productionEnvironment(databaseUrl: string, port: number): Record<string, string> {
  return {
    NODE_ENV: 'production',
    S3_BUCKET: 'example-media',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    SECRET_KEYS: secretKeys,
    TRUST_PROXY: 'none',
    STOP_DELAY_SECONDS: '0',
    LOG_LEVEL: 'error',
  }
}

export async function refused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answer = await Promise.race([once(socket, 'connect').then(() => false), once(socket, 'error').then(() => true)]).catch(() => true)
  socket.destroy()
  return answer
}
