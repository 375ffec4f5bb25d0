import { execFileSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'
import { passOver } from './tool.ts'

/**
 * Folder of a PostgreSQL 17 client, for PG_BIN_DIR: TEST_PG_BIN_DIR, or one of PATH, or where Debian puts it. Undefined where there is none: the test then
 * ends as skipped, or, with TEST_REQUIRE_TOOLS=1, fails.
 */
export function findPgClient(t: Test): string | undefined {
  const { TEST_PG_BIN_DIR, PATH = '' } = process.env
  const found = [TEST_PG_BIN_DIR ?? '', ...PATH.split(delimiter), '/usr/lib/postgresql/17/bin'].filter(Boolean).find(isOf17)
  if (!found) passOver(t, 'pg_dump 17 is not installed (apt-get install postgresql-client-17, from apt.postgresql.org where the system has another)')
  return found
}

function isOf17(folder: string): boolean {
  try {
    return / 17\.\d+/.test(execFileSync(join(folder, 'pg_dump'), ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  } catch {
    return false
  }
}
