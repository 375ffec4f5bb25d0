import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../db/migrate.ts'
import { startEmbeddedPostgres } from './postgres.ts'

type Env = Record<string, string | undefined>

export interface EmbeddedEnvironment {
  /** The environment with what was missing filled in. */
  env: Env
  stop(): Promise<void>
}

/** Outside production: a PostgreSQL of our own where no DATABASE_URL is set, keys of our own where no SECRET_KEYS are, plain http on this machine. */
export async function provideEmbedded(env: Env, onProgress: (line: string) => void): Promise<EmbeddedEnvironment> {
  const dataDir = env.DATA_DIR || '.data'
  await mkdir(dataDir, { recursive: true })
  const port = env.PORT || '3000'
  const filled: Env = { ...env, PORT: port, DATA_DIR: dataDir, PUBLIC_SCHEME: env.PUBLIC_SCHEME || 'http', PUBLIC_PORT: env.PUBLIC_PORT || port }
  filled.SECRET_KEYS ||= await ownKeys(join(dataDir, 'secret-keys'))
  if (env.DATABASE_URL) return { env: filled, stop: async () => {} }

  onProgress('starting PostgreSQL 17')
  const postgres = await startEmbeddedPostgres({ dataDir, onProgress })
  try {
    await ensureDatabase(postgres.url('postgres'), 'tenantry')
    const applied = await migrate(postgres.url())
    if (applied.length > 0) onProgress(`applied ${applied.length} migrations`)
  } catch (error) {
    await postgres.stop()
    throw error
  }
  return { env: { ...filled, DATABASE_URL: postgres.url() }, stop: () => postgres.stop() }
}

async function ownKeys(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known) return known
  const made = `local:${randomBytes(32).toString('base64')}`
  await writeFile(file, made, { mode: 0o600 })
  return made
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) await admin.query(`create database ${admin.escapeIdentifier(name)}`)
  } finally {
    await admin.end()
  }
}
