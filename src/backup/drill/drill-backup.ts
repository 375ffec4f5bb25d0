import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openDatabase } from '../../db/client.ts'
import { migrate } from '../../db/migrate.ts'
import { proveWalls, WallError } from '../../db/prove-walls.ts'
import { StorageFailure } from '../../storage/object-storage.ts'
import { writeFailure, writeVerification } from '../backup-store.ts'
import { inWords } from '../compare-counts.ts'
import { sumOfRows } from '../manifest.ts'
import { type Restored, restoreBackup, type Step } from '../restore-backup.ts'
import type { VerifyOptions } from '../verify-backup.ts'
import { proveIsolation } from './prove-isolation.ts'

/** Something that has to hold of a restored database. */
export interface Proof {
  name: string
  /** Answers what does not hold. */
  prove(databaseUrl: string): Promise<string[]>
}

export interface DrillPlan {
  name: string | undefined
  /** Of a superuser: it makes a database there, and drops it again. */
  serverUrl: string
  /** Beside those of the database itself. */
  proofs: readonly Proof[]
  onStep?: (name: string) => void
  /** Ends it, with nothing left of it. */
  signal?: AbortSignal
}

export interface DrillReport {
  name: string
  tables: number
  rows: number
  steps: { name: string; milliseconds: number }[]
  /** What did not hold; none, where all is well. */
  faults: string[]
  /** Why it could not be noted. */
  unnoted: StorageFailure | undefined
  /** Databases that drills which were killed have left there: each a copy of everything. */
  left: string[]
}

/** Restores a backup into a database of its own, tries whether the service could live on it, and drops it. */
export async function drillBackup(options: VerifyOptions, plan: DrillPlan): Promise<DrillReport> {
  const steps: DrillReport['steps'] = []
  const step: Step = async (name, work) => {
    plan.onStep?.(name)
    const began = performance.now()
    try {
      return await work()
    } finally {
      steps.push({ name, milliseconds: Math.round(performance.now() - began) })
    }
  }
  return withDatabase(plan, async (databaseUrl, left) => {
    const restored = await restoreBackup({ ...options, signal: plan.signal }, plan.name, databaseUrl, step)
    const faults = await proveAll(restored, { databaseUrl, proofs: plan.proofs, step })
    const { manifest } = restored
    const unnoted = await note(options, manifest.name, faults)
    return { name: manifest.name, tables: Object.keys(manifest.tables).length, rows: sumOfRows(manifest), steps, faults, unnoted, left }
  })
}

/** A place that does not take the note takes nothing away from what was found. */
async function note({ storage }: VerifyOptions, name: string, faults: readonly string[]): Promise<StorageFailure | undefined> {
  try {
    if (faults.length > 0) await writeFailure(storage, name, faults.join('\n'))
    else await writeVerification(storage, name, { at: new Date().toISOString(), how: 'restored' })
    return undefined
  } catch (error) {
    if (error instanceof StorageFailure) return error
    throw error
  }
}

interface Trial {
  databaseUrl: string
  proofs: readonly Proof[]
  step: Step
}

async function proveAll({ differences }: Restored, { databaseUrl, proofs, step }: Trial): Promise<string[]> {
  const faults = differences.map(inWords)
  // A backup of the night before a new release is migrated as the database itself was.
  await step('migrate', () => migrate(databaseUrl))
  for (const { name, prove } of [...ownProofs, ...proofs]) faults.push(...(await step(name, () => prove(databaseUrl).catch(told(name)))))
  return faults
}

function told(name: string): (error: unknown) => string[] {
  return (error) => [`${name} failed: ${error instanceof Error ? error.message : error}`]
}

const ownProofs: readonly Proof[] = [
  { name: 'policies and grants', prove: wallFaults },
  { name: 'isolation', prove: proveIsolation },
]

async function wallFaults(url: string): Promise<string[]> {
  const database = openDatabase({ url, mode: 'session', max: 1, onError: () => {} })
  try {
    await proveWalls(database.directory)
    return []
  } catch (error) {
    if (error instanceof WallError)
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
    throw error
  } finally {
    await database.close()
  }
}

const prefix = 'tenantry_drill_'

type Work<Result> = (databaseUrl: string, left: string[]) => Promise<Result>

async function withDatabase<Result>({ serverUrl, signal }: DrillPlan, work: Work<Result>): Promise<Result> {
  const server = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 10_000, keepAlive: true })
  server.on('error', () => {})
  const name = `${prefix}${randomBytes(4).toString('hex')}`
  try {
    await server.connect().catch((cause) => {
      throw new Error(`The server of --into cannot be reached: ${cause.message}`, { cause })
    })
    const left = await leftBehind(server)
    await server.query(`create database ${name} template template0`).catch((cause) => {
      throw new Error(`The server of --into lets this login make no database (${cause.message}): give one of a superuser.`, { cause })
    })
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    // By force: what still works on it when it is stopped loses its connection, and ends.
    return await orStopped(work(url.href, left), signal).finally(() => server.query(`drop database if exists ${name} with (force)`))
  } finally {
    await server.end()
  }
}

/** Of one under way somebody is connected. */
async function leftBehind(server: pg.Client): Promise<string[]> {
  const { rows } = await server.query<{ name: string }>(
    `select datname as name from pg_database d where starts_with(datname, $1)
       and not exists (select from pg_stat_activity a where a.datid = d.oid) order by 1`,
    [prefix],
  )
  return rows.map(({ name }) => name)
}

function orStopped<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work
  // Nobody waits for it any more once it is stopped.
  work.catch(() => {})
  return new Promise((done, failed) => {
    const stop = () => failed(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(done, failed).finally(() => signal.removeEventListener('abort', stop))
  })
}
