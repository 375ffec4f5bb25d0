import { accessSync, constants } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startProgram } from './child.ts'
import { freePort } from './world.ts'

export interface BucketServer {
  /** For the service. */
  env: Record<string, string>
  stop(): Promise<void>
}

/** A versitygw of the bench's own below `folder`; undefined where it is not installed. */
export async function startBucketServer(folder: string): Promise<BucketServer | undefined> {
  const program = [...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')].map((one) => join(one, 'versitygw')).find(isExecutable)
  if (!program) return undefined
  const [port, data, bucket] = [await freePort(), join(folder, 'bucket'), 'bench']
  await mkdir(join(data, bucket), { recursive: true })
  const [key, secret] = ['bench', 'a secret of the bench']
  const { stop } = startProgram(program, ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', data], { ROOT_ACCESS_KEY: key, ROOT_SECRET_KEY: secret })
  while (!(await answers(port))) await delay(50)
  const env = { S3_BUCKET: bucket, S3_ENDPOINT: `http://127.0.0.1:${port}`, S3_ACCESS_KEY_ID: key, S3_SECRET_ACCESS_KEY: secret }
  return { env, stop }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => done(true)).once('close', () => done(false))
    socket.on('error', () => {})
    setTimeout(() => socket.destroy(), 100)
  })
}
