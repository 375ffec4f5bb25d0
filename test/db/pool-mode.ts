import { type Test, test } from 'tap'
import type { Database } from '../../src/db/client.ts'
import { createTestDatabase, type TestDatabase, type TestTenant } from '../database.ts'
import { startPgBouncer } from '../pgbouncer.ts'
import { addRows } from './tenant-rows.ts'

export interface Sites {
  database: TestDatabase
  db: Database
  /** Two tenants, each with one row in every tenant table. */
  a: TestTenant
  b: TestTenant
}

/** Runs the test straight to PostgreSQL in session mode, and through a PgBouncer in transaction mode. */
export function inBothModes(title: string, check: (t: Test, sites: Sites) => Promise<void>): void {
  for (const mode of ['session', 'transaction'] as const) {
    test(`${title} (${mode} mode)`, async (t) => {
      const database = await createTestDatabase(t)
      const url = mode === 'session' ? database.url : await startPgBouncer(t, database.url)
      if (!url) return
      const [a, b] = [await database.addTenant(), await database.addTenant()]
      await addRows(database.owner, a.id)
      await addRows(database.owner, b.id)
      await check(t, { database, db: database.open({ mode, url }), a, b })
    })
  }
}
