import { readFile, rm } from 'node:fs/promises'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { startProcess } from './child.ts'
import type { Row } from './report.ts'
import { median, type Pace } from './rounds.ts'
import { createFolder, freePort, type World } from './world.ts'

type Env = Record<string, string | undefined>

const settling = 3_000

/** From the command to the first 200 of /readyz, and what the process holds once it has settled. */
export async function measureStart({ rounds }: Pace, { env }: World): Promise<Row[]> {
  const starts: number[] = []
  const sizes: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { seconds, memory } = await startOnce(['src/server.ts'], env)
    starts.push(seconds)
    sizes.push(memory)
  }
  return [
    { what: 'idle memory of the server (RSS)', ours: '', baseline: '', measured: median(sizes), unit: 'MB', wanted: { atMost: 150 } },
    { what: 'ready against an existing database', ours: '', baseline: '', measured: median(starts), unit: 's', wanted: { atMost: 1.5 } },
    await secondEmbeddedStart(),
  ]
}

/** `npm run demo` twice on one folder; the first makes the database and is shown beside. */
async function secondEmbeddedStart(): Promise<Row> {
  const folder = await createFolder()
  try {
    const env = { DATA_DIR: folder, DATABASE_URL: undefined, SECRET_KEYS: undefined, NODE_ENV: undefined, LOG_LEVEL: 'warn' }
    const first = await startOnce(['src/launch.mjs', 'src/embedded/demo.ts'], env)
    const second = await startOnce(['src/launch.mjs', 'src/embedded/demo.ts'], env)
    return {
      what: 'ready, second start of the demo with its own PostgreSQL (baseline: first start)',
      ours: `${second.seconds.toFixed(2)} s`,
      baseline: `${first.seconds.toFixed(2)} s`,
      measured: second.seconds,
      unit: 's',
      wanted: { atMost: 3 },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function startOnce(args: string[], env: Env): Promise<{ seconds: number; memory: number }> {
  const port = await freePort()
  const started = performance.now()
  const { child, stop } = startProcess(args, { ...env, HOST: '127.0.0.1', PORT: String(port) })
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode} before it was ready`)
    if (performance.now() - started > 60_000) throw new Error(`${args.join(' ')} is not ready after a minute`)
    await delay(10)
  }
  const seconds = (performance.now() - started) / 1000
  await delay(settling)
  const memory = await residentMegabytes(child.pid ?? 0)
  await stop()
  return { seconds, memory }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/readyz', agent: false }, (response) => {
      response.resume()
      answer(response.statusCode === 200)
    })
    request.on('error', () => answer(false))
  })
}

/** Linux says it in a file; elsewhere the row is left unknown. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  return kilobytes ? Number(kilobytes) / 1024 : Number.NaN
}
