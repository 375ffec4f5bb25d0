import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'

export interface DemoSite {
  slug: string
  accounts: { email: string; password: string; role: string }[]
}

/** `npm run demo` on data of the test's own, once it serves. `more`: variables. */
export async function startDemo(t: Test, more: Record<string, string> = {}): Promise<{ port: number; sites: DemoSite[] }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-demo-'))
  // PostgreSQL runs as another user when the test runs as root.
  await chmod(dataDir, 0o755)
  const port = await freePort()
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: String(port), HOST: '127.0.0.1', ...more }
  const demo = spawn(process.execPath, ['src/embedded/demo.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((done) => demo.once('exit', done))
  t.teardown(async () => {
    demo.kill('SIGTERM')
    await ended
    await rm(dataDir, { recursive: true, force: true })
  })
  let output = ''
  demo.stdout.on('data', (chunk) => {
    output += chunk
  })
  await eventually(t, 'it says that it serves', () => output.includes('Ctrl-C stops it'), 60_000)
  return { port, sites: JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')).sites }
}
