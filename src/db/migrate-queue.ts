import { createJobsPool } from './jobs-pool.ts'

/** Brings graphile-worker's own tables to the version of the installed package, as the role that owns them. */
export async function migrateQueue(databaseUrl: string): Promise<void> {
  // Loaded only when there is something to apply.
  const { Logger, runMigrations } = await import('graphile-worker')
  const pgPool = createJobsPool(databaseUrl, { max: 1, onError: () => {} })
  try {
    await runMigrations({ pgPool, noHandleSignals: true, logger: new Logger(() => () => {}) })
  } finally {
    await pgPool.end()
  }
}
