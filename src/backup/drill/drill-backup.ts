import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openDatabase } from '../../db/client.ts'
import { migrate } from '../../db/migrate.ts'
import { proveWalls, WallError } from '../../db/prove-walls.ts'
import { writeVerification } from '../backup-store.ts'
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
}

export interface DrillReport {
  name: string
  tables: number
  rows: number
  steps: { name: string; milliseconds: number }[]
  /** What did not hold; none, where all is well. */
  faults: string[]
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
  return withDatabase(plan.serverUrl, async (databaseUrl) => {
    const restored = await restoreBackup(options, plan.name, databaseUrl, step)
    const faults = await proveAll(restored, { databaseUrl, proofs: plan.proofs, step })
    const { manifest } = restored
    if (faults.length === 0) await writeVerification(options.storage, manifest.name, { at: new Date().toISOString(), how: 'restored' })
    return { name: manifest.name, tables: Object.keys(manifest.tables).length, rows: sumOfRows(manifest), steps, faults }
  })
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

async function withDatabase<Result>(serverUrl: string, work: (databaseUrl: string) => Promise<Result>): Promise<Result> {
  const server = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 10_000, keepAlive: true })
  server.on('error', () => {})
  const name = `tenantry_drill_${randomBytes(4).toString('hex')}`
  try {
    await server.connect().catch((cause) => {
      throw new Error(`The server of --into cannot be reached: ${cause.message}`, { cause })
    })
    await server.query(`create database ${name} template template0`).catch((cause) => {
      throw new Error(`The server of --into lets this login make no database (${cause.message}): give one of a superuser.`, { cause })
    })
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    return await work(url.href).finally(() => server.query(`drop database if exists ${name} with (force)`))
  } finally {
    await server.end()
  }
}
