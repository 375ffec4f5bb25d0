import { type ChildProcess, spawn } from 'node:child_process'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type pg from 'pg'

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

/**
 * How pg_dump and pg_restore reach the database that node-postgres has reached: with the password that it found, be it in the URL, in PGPASSWORD or in
 * PGPASSFILE. By the environment: the arguments of a process are there for everybody to read.
 */
export function connectionOf(databaseUrl: string, { host, port, user = '', password, database = '', ssl }: pg.Client): Record<string, string> {
  const given: Record<string, string> = {
    PGHOST: host.replace(/^\[|\]$/g, ''),
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password ?? '',
    PGDATABASE: database,
    PGCONNECT_TIMEOUT: '10',
    ...tlsOf(new URL(databaseUrl).searchParams, ssl),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
}

/**
 * As strict as node-postgres, which looks at certificate and name in all modes but one. libpq looks at neither in `require`, and by itself knows no
 * authority at all.
 */
function tlsOf(asked: URLSearchParams, ssl: unknown): Record<string, string> {
  if (!ssl) return asked.get('sslmode') === 'disable' ? { PGSSLMODE: 'disable' } : {}
  const own = { PGSSLCERT: asked.get('sslcert') ?? '', PGSSLKEY: asked.get('sslkey') ?? '' }
  if (Reflect.get(Object(ssl), 'rejectUnauthorized') === false) return { ...own, PGSSLMODE: 'require' }
  return { ...own, PGSSLMODE: 'verify-full', PGSSLROOTCERT: asked.get('sslrootcert') ?? 'system' }
}
