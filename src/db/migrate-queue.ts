import { createJobsPool } from './jobs-pool.ts'
import { backupRole } from './roles.ts'

/** Brings graphile-worker's own tables to the version of the installed package, as the role that owns them. */
export async function migrateQueue(databaseUrl: string): Promise<void> {
  // Not at the top: a service without a worker, which comes by here for the names of migrations, does without it.
  const { Logger, runMigrations } = await import('graphile-worker')
  const pgPool = createJobsPool(databaseUrl, { max: 1, onError: () => {} })
  try {
    await runMigrations({ pgPool, noHandleSignals: true, logger: new Logger(() => () => {}) })
    // Without its jobs a restored outbox would wait for ever.
    await pgPool.query(`grant usage on schema graphile_worker to ${backupRole}`)
    await pgPool.query(`grant select on all tables in schema graphile_worker to ${backupRole}`)
    await pgPool.query(`grant select on all sequences in schema graphile_worker to ${backupRole}`)
  } finally {
    await pgPool.end()
  }
}
