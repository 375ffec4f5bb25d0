import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Overrides } from '../app.ts'
import { migrate } from '../db/migrate.ts'
import { type Inbox, startInbox } from './inbox/inbox.ts'
import { startEmbeddedPostgres } from './postgres.ts'

type Env = Record<string, string | undefined>

export interface EmbeddedEnvironment {
  /** The environment with what was missing filled in. */
  env: Env
  /** Where sites' mail goes. Undefined where packages for development are not installed. */
  inbox: Inbox | undefined
  /** What the service is to be built with. */
  overrides: Overrides
  stop(): Promise<void>
}

type Progress = (line: string) => void

/**
 * Outside production: a PostgreSQL of our own where no DATABASE_URL is set, keys of our own where no SECRET_KEYS are, plain http on this machine,
 * and a mail server that keeps all mail here.
 */
export async function provideEmbedded(env: Env, onProgress: Progress): Promise<EmbeddedEnvironment> {
  const dataDir = env.DATA_DIR || '.data'
  await mkdir(dataDir, { recursive: true })
  const port = env.PORT || '3000'
  const filled: Env = { ...env, PORT: port, DATA_DIR: dataDir, PUBLIC_SCHEME: env.PUBLIC_SCHEME || 'http', PUBLIC_PORT: env.PUBLIC_PORT || port }
  // Nobody is in front.
  filled.STOP_DELAY_SECONDS ||= '0'
  filled.SECRET_KEYS ||= await ownKeys(join(dataDir, 'secret-keys'))

  const opening = startInbox(dataDir).catch(ignoreMissingPackage)
  const starting = env.DATABASE_URL ? undefined : ownDatabase(dataDir, onProgress)
  const [inbox, database] = await Promise.all([opening, starting]).catch(async (error) => {
    for (const one of await Promise.allSettled([opening, starting])) if (one.status === 'fulfilled') await one.value?.stop()
    throw error
  })
  if (database) filled.DATABASE_URL = database.url
  if (inbox) filled.MAIL_PRIVATE_HOSTS = [env.MAIL_PRIVATE_HOSTS, `127.0.0.1:${inbox.port}`].filter(Boolean).join(',')
  return {
    env: filled,
    inbox,
    overrides: inbox ? { outside: inbox.routes } : {},
    async stop() {
      try {
        await inbox?.stop()
      } finally {
        await database?.stop()
      }
    },
  }
}

/** A database of one's own needs no packages for development; then mail goes wherever the sites' accounts say. */
function ignoreMissingPackage(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
}

async function ownDatabase(dataDir: string, onProgress: Progress) {
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
  return { url: postgres.url(), stop: () => postgres.stop() }
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
