import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import type { S3Settings } from '../../src/storage/s3-client.ts'
import { freePort } from '../free-port.ts'
import { requireTool } from '../tool.ts'
import { ownBucket } from './own-bucket.ts'

export interface TestS3 {
  settings: S3Settings
}

const keys = { accessKeyId: 'test', secretAccessKey: 'a secret of the tests' }

/**
 * A real S3-compatible server of the test's own with one bucket, or a bucket of its own at TEST_S3_ENDPOINT. Undefined where there is neither: the test then
 * ends as skipped.
 */
export async function startS3(t: Test): Promise<TestS3 | undefined> {
  const { TEST_S3_ENDPOINT: endpoint, TEST_S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY } = process.env
  const common = { region: 'us-east-1', publicEndpoint: '' }
  if (endpoint) {
    const given = { accessKeyId: TEST_S3_ACCESS_KEY_ID ?? '', secretAccessKey: TEST_S3_SECRET_ACCESS_KEY ?? '' }
    return { settings: await ownBucket(t, { ...common, ...given, endpoint }) }
  }
  const binary = requireTool(t, 'versitygw')
  if (!binary) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-s3-'))
  const [data, versions, bucket] = [join(folder, 'data'), join(folder, 'versions'), 'tenantry']
  await mkdir(join(data, bucket), { recursive: true })
  await mkdir(versions)
  const port = await freePort()
  const env = { PATH: process.env.PATH ?? '', ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey }
  const server = spawn(binary, ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--versioning-dir', versions, data], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(async () => {
    await stop(server)
    await rm(folder, { recursive: true, force: true })
  })
  await whenUp(server, port)
  return { settings: { ...common, ...keys, endpoint: `http://127.0.0.1:${port}`, bucket } }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const gone = once(server, 'exit')
  server.kill('SIGKILL')
  await gone
}

async function whenUp(server: ChildProcess, port: number): Promise<void> {
  const log: string[] = []
  server.stderr?.on('data', (chunk) => log.push(String(chunk)))
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error(`versitygw did not start:\n${log.join('')}`)
    if (await answers(port)) return
    await delay(50)
  }
  throw new Error('versitygw does not answer')
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    // Closed in either case. A process that gets no processor for that long gives up on what has answered, and has to ask again.
    socket.once('connect', () => done(true)).once('close', () => done(false))
    socket.on('error', () => {})
    setTimeout(() => socket.destroy(), 100)
  })
}
