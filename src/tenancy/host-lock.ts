import type pg from 'pg'
import type { TenantDb } from '../db/client.ts'

/**
 * Whose a host is changes under a lock of its name alone, held until the transaction ends: claims of several sites take turns, and whoever waited sees
 * what came of the one before. Taken before every lock on a row that was there before; of several hosts in the order of their names.
 */
export async function lockHosts(owner: Pick<pg.Client, 'query'>, hosts: readonly string[]): Promise<void> {
  for (const host of [...hosts].sort()) await owner.query(`select pg_advisory_xact_lock(hashtextextended('host ' || $1, 0))`, [host])
}

export async function lockHost(tx: Pick<TenantDb, '$executeRaw'>, host: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('host ' || ${host}, 0))`
}
