import { delimiter } from 'node:path'
import type pg from 'pg'
import { type Config, loadConfig } from '../config.ts'
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
  /** The same, and what opens its secrets. */
  withSecrets<Result>(work: (database: Database, box: SecretBox) => Promise<Result>): Promise<Result>
  /** As the role that owns the schema and may write to the directory. */
  withOwner<Result>(work: (owner: pg.Client) => Promise<Result>): Promise<Result>
  withStorage<Result>(work: (storage: ObjectStorage) => Promise<Result>): Promise<Result>
}

export function createTools(env: NodeJS.ProcessEnv): Tools {
  const config = () => loadConfig(env)
  const databaseUrl = () => {
    const { unpooledUrl } = config().database
    if (!unpooledUrl) throw new Error('DATABASE_URL must be set: this command works on a database that is there, not on the embedded one.')
    return unpooledUrl
  }
  const withDatabase: Tools['withDatabase'] = async (work) => {
    databaseUrl()
    const { url, poolMode } = config().database
    const { openDatabase } = await import('../db/client.ts')
    const database = openDatabase({ url, mode: poolMode, max: 2, onError: () => {} })
    try {
      return await work(database)
    } catch (error) {
      const { databaseProblem } = await import('../db/sql-error.ts')
      if (databaseProblem(error)?.code !== 'DATABASE_UNAVAILABLE') throw error
      throw new Error('The database of DATABASE_URL cannot be reached.', { cause: error })
    } finally {
      await database.close()
    }
  }
  return {
    config,
    databaseUrl,
    postgresFolders() {
      const { pgBinDir } = config()
      return pgBinDir ? [pgBinDir] : [...(env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/lib/postgresql/17/bin']
    },
    withDatabase,
    async withSecrets(work) {
      const { secretKeys } = config()
      if (secretKeys.length === 0) throw new Error('SECRET_KEYS must be set.')
      const { createSecretBox } = await import('../security/secret-box.ts')
      return withDatabase((database) => work(database, createSecretBox(secretKeys)))
    },
    async withOwner(work) {
      const { asOwner } = await import('../tenancy/lifecycle.ts')
      return asOwner(databaseUrl(), work)
    },
    async withStorage(work) {
      const { withStorage } = await import('./storage/with-storage.ts')
      return withStorage(config().storage, work)
    },
  }
}
