import type { TenantDb } from '../db/client.ts'

/**
 * One change of a site's brand at a time, until the transaction ends: an asset cannot go while a draft with it is being saved, and two publications cannot
 * take the same number.
 */
export async function takeBrandTurn(tx: Pick<TenantDb, '$executeRaw'>): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('brand ' || current_setting('app.tenant_id'), 0))`
}
