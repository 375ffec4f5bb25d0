import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { createTestApp, type TestApp } from '../app.ts'
import { type Ended, runTenantry } from '../cli/run-tenantry.ts'
import { findPgClient } from '../pg-client.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export interface BackupHub extends TestApp {
  env: Record<string, string>
  dir: string
  /** `tenantry backup …` with --json, what it printed parsed. */
  backup(args: readonly string[], env?: Record<string, string>): Promise<Ended & { json: unknown }>
}

/** Two sites with members and posts, and a folder for their backups. Undefined where there is no PostgreSQL client: the test then ends as skipped. */
export async function createBackupHub(t: Test): Promise<BackupHub | undefined> {
  const binDir = findPgClient(t)
  if (!binDir) return undefined
  const SECRET_KEYS = `test:${randomBytes(32).toString('base64')}`
  const hub = await createTestApp(t, { env: { SECRET_KEYS } })
  const dir = await temporaryFolder(t)
  const env = { DATABASE_URL: hub.data.url, SECRET_KEYS, PG_BIN_DIR: binDir, BACKUP_DIR: dir }
  return {
    ...hub,
    env,
    dir,
    async backup(args, more = {}) {
      const ended = await runTenantry(['backup', ...args, '--json'], { ...env, ...more })
      return { ...ended, json: ended.out ? JSON.parse(ended.out) : undefined }
    },
  }
}
