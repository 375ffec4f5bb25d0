import { delimiter } from 'node:path'
import type pg from 'pg'
import { type Config, loadConfig } from '../config.ts'
import type { PoolOptions } from '../db/binding-pool.ts'
import type { Database } from '../db/client.ts'
import type { SecretBox } from '../security/secret-box.ts'
import type { ObjectStorage } from '../storage/object-storage.ts'

/** What commands work with, opened when one asks for it and closed after. */
export interface Tools {
  config(): Config
  /** Past any pooler, by the login that may take the owner role. */
  databaseUrl(): string
  /** Where pg_dump and pg_restore may be, the likeliest first. */
  postgresFolders(): readonly string[]
  /** As the service sees it: every query bound to a tenant, or to the directory. */
  withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result>
  /** What opens and seals secrets. */
  secretBox(): Promise<SecretBox>
  /** The database as the service sees it, and what opens its secrets. */
  withSecrets<Result>(work: (database: Database, box: SecretBox) => Promise<Result>): Promise<Result>
  /** As the role that owns the schema and may write to the directory. */
  withOwner<Result>(work: (owner: pg.Client) => Promise<Result>): Promise<Result>
  /** The same as a database, each of its queries bound to a tenant: for what makes tenants. */
  withOwnerDatabase<Result>(work: (owner: Database, box: SecretBox) => Promise<Result>): Promise<Result>
  /** As the role that owns the job queue. */
  withJobs<Result>(work: (jobs: pg.Pool) => Promise<Result>): Promise<Result>
  withStorage<Result>(work: (storage: ObjectStorage) => Promise<Result>): Promise<Result>
  /** What a database has against a command comes as one line that says what to do. */
  inWords<Result>(work: () => Promise<Result>): Promise<Result>
}

export function createTools(env: NodeJS.ProcessEnv): Tools {
  const config = () => loadConfig(env)
  const databaseUrl = () => {
    const { ownerUrl } = config().database
    if (!ownerUrl) throw new Error('DATABASE_URL must be set: this command works on a database that is there, not on the embedded one.')
    return ownerUrl
  }
  const secretBox = async () => {
    const { secretKeys } = config()
    if (secretKeys.length === 0) throw new Error('SECRET_KEYS must be set.')
    const { createSecretBox } = await import('../security/secret-box.ts')
    return createSecretBox(secretKeys)
  }
  const withDatabase: Tools['withDatabase'] = async (work) => {
    databaseUrl()
    const { url, poolMode } = config().database
    return lendDatabase({ url, mode: poolMode }, work)
  }
  return {
    config,
    databaseUrl,
    postgresFolders() {
      const { pgBinDir } = config()
      return pgBinDir ? [pgBinDir] : [...(env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/lib/postgresql/17/bin']
    },
    withDatabase,
    secretBox,
    async withSecrets(work) {
      const box = await secretBox()
      return withDatabase((database) => work(database, box))
    },
    withOwner: (work) =>
      inWords(async () => {
        const { asOwner } = await import('../tenancy/lifecycle.ts')
        return asOwner(databaseUrl(), work)
      }),
    async withOwnerDatabase(work) {
      const box = await secretBox()
      const { ownerRole } = await import('../db/roles.ts')
      return lendDatabase({ url: databaseUrl(), mode: 'session', role: ownerRole }, (owner) => work(owner, box))
    },
    async withJobs(work) {
      const { createJobsPool } = await import('../db/jobs-pool.ts')
      const pool = createJobsPool(databaseUrl(), { max: 1, onError: () => {} })
      return inWords(() => work(pool)).finally(() => pool.end())
    },
    inWords,
    async withStorage(work) {
      const { withStorage } = await import('./storage/with-storage.ts')
      return withStorage(config().storage, work)
    },
  }
}

async function lendDatabase<Result>(
  options: Pick<PoolOptions, 'url' | 'mode' | 'role'>,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const { openDatabase } = await import('../db/client.ts')
  const database = openDatabase({ ...options, max: 2, onError: () => {} })
  return inWords(() => work(database)).finally(() => database.close())
}

async function inWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const { databaseWords } = await import('./database-words.ts')
    const words = databaseWords(error)
    throw words ? new Error(words, { cause: error }) : error
  }
}
