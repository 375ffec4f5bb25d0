import { type ChildProcess, spawn } from 'node:child_process'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface RunningClient {
  stdin: Writable
  stdout: Readable
  /** Rejects with one line where it fails. */
  ended: Promise<void>
  /** Ends it where it still runs. */
  kill(): void
}

/** Starts pg_dump or pg_restore with what it has to know of a database and nothing else of ours. */
export function startClient(program: string, args: readonly string[], connection: Record<string, string> = {}): RunningClient {
  const child = spawn(program, args, { env: { LC_ALL: 'C', ...connection }, stdio: ['pipe', 'pipe', 'pipe'] })
  // Who has read enough hangs up; whether that was right is told by how it ends.
  child.stdin.on('error', () => {})
  const ended = endOf(child)
  ended.catch(() => {})
  return { stdin: child.stdin, stdout: child.stdout, ended, kill: () => void child.kill() }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    const name = basename(child.spawnfile)
    let complaint = ''
    child.stderr?.on('data', (chunk) => {
      complaint = `${complaint}${chunk}`.slice(-4_000)
    })
    child.on('error', (cause) => failed(new Error(`${name} does not start: ${cause.message}`, { cause })))
    child.on('close', (code, signal) => (code === 0 ? done() : failed(new Error(`${name} failed: ${inOneLine(complaint) || (signal ?? code)}`))))
  })
}

/** The first complaint says what is wrong; those after it are what came of that. */
function inOneLine(complaint: string): string {
  const lines = complaint.split('\n').map((line) => line.replace(/^pg_\w+: /, '').trim())
  return (lines.find((line) => line.startsWith('error:')) ?? lines.find(Boolean) ?? '').replace(/^error: /, '')
}

const passed = {
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  host: 'PGHOST',
  port: 'PGPORT',
} as const

/** By the environment: the arguments of a process are there for everybody to read. */
export function connectionOf(databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl)
  const given: Record<string, string> = {
    PGHOST: url.hostname.replace(/^\[|\]$/g, ''),
    PGPORT: url.port || '5432',
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
    PGCONNECT_TIMEOUT: '10',
  }
  for (const [name, variable] of Object.entries(passed)) {
    const value = url.searchParams.get(name)
    // Of node-postgres alone.
    if (value) given[variable] = value === 'no-verify' ? 'require' : value
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
}
