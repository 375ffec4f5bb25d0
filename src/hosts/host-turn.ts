import type pg from 'pg'
import type { AuditAction } from '../audit/actions.ts'
import { newId } from '../security/random-token.ts'
import { lockHosts } from '../tenancy/host-lock.ts'

/** A transaction in which nobody else changes whose this host is: claims of several sites take turns. No look-up belongs inside. */
export async function inHostTurn<Result>(owner: pg.Client, host: string, work: () => Promise<Result>): Promise<Result> {
  await owner.query('begin')
  try {
    await lockHosts(owner, [host])
    const result = await work()
    await owner.query('commit')
    return result
  } catch (error) {
    await owner.query('rollback')
    throw error
  }
}

/**
 * Inside such a turn, before any of their rows is locked: nobody else makes another host canonical, of this site or of the one that holds the host, which
 * may lose it. record_host_check does the same.
 */
export async function lockSites(owner: pg.Client, { tenantId, host }: { tenantId: string; host: string }): Promise<void> {
  const { rows } = await owner.query<{ id: string }>(
    `select id from tenants where id = $1 or id in (select tenant_id from hosts where host = $2 and status = 'verified') order by id`,
    [tenantId, host],
  )
  for (const { id } of rows) await owner.query(`select pg_advisory_xact_lock(hashtextextended('hosts of ' || $1, 0))`, [id])
}

export interface HostEvent {
  tenantId: string
  action: AuditAction
  host: string
  details?: Record<string, string | boolean>
}

/** To the site's audit log, inside the transaction. Its policies bind the owner too, hence the setting. */
export async function recordHostEvent(owner: pg.Client, { tenantId, action, host, details = {} }: HostEvent): Promise<void> {
  await owner.query(`select set_config('app.tenant_id', $1, true)`, [tenantId])
  await owner.query(
    `insert into audit_events (tenant_id, id, action, actor_kind, target_kind, target, details) values ($1, $2, $3, 'operator', 'host', left($4, 200), $5)`,
    [tenantId, newId(), action, host, details],
  )
}
