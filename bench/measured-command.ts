import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

export interface Figures {
  seconds: number
  /** MB of resident memory that any one process of ours held at most. PostgreSQL's programs are not ours. */
  peak: number
  out: string
}

/** `npm run tenantry -- …` without npm. */
export async function measureCommand(args: readonly string[], env: Record<string, string>): Promise<Figures> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'))
  const [, ...start] = String(scripts.tenantry).split(' ')
  const began = performance.now()
  const child = spawn(process.execPath, [...start, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let [out, ended, peak] = ['', false, 0]
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.on('close', () => {
    ended = true
  })
  while (!ended) {
    for (const pid of await ours(child.pid ?? 0)) peak = Math.max(peak, await highWater(pid))
    await delay(50)
  }
  if (child.exitCode !== 0) throw new Error(`tenantry ${args.join(' ')} ended with ${child.exitCode}\n${out}`)
  return { seconds: (performance.now() - began) / 1000, peak, out }
}

/** The command, and what it started that runs on Node. */
async function ours(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const children = await Promise.all(threads.map((thread) => read(`/proc/${pid}/task/${thread}/children`)))
  const found = [pid]
  for (const child of children.join(' ').split(' ').filter(Boolean).map(Number)) {
    if ((await read(`/proc/${child}/cmdline`)).startsWith(process.execPath)) found.push(child)
  }
  return found
}

/** What the kernel calls so, in MB. */
async function highWater(pid: number): Promise<number> {
  return Number(/VmHWM:\s+(\d+) kB/.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
