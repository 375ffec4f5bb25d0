import type { TenantDb } from '../db/client.ts'

/** Somebody who speaks to the database as the role of jobs: the service's own role can remove nothing here. */
interface Jobs {
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

export interface Retention {
  tenantId: string
  days: number
}

/** Few at a time: whoever else uses this session waits meanwhile. */
const batch = 2_000

/** Removes what is older than the site's log goes back; answers how much. */
export async function tidyAudit(jobs: Jobs, { tenantId, days }: Retention): Promise<number> {
  let removed = 0
  for (;;) {
    const [row] = await jobs.query('select tidy_audit($1, $2, $3) as removed', [tenantId, days, batch])
    removed += Number(row?.removed)
    if (Number(row?.removed) < batch) return removed
  }
}

/** The same as a site's daily chore. */
export function auditChore(jobs: Jobs, days: number): { name: string; run: (db: TenantDb, tenantId: string) => Promise<void> } {
  return {
    name: 'tidy-audit',
    async run(_db, tenantId) {
      await tidyAudit(jobs, { tenantId, days })
    },
  }
}
