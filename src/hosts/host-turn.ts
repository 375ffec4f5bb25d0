import type pg from 'pg'
import type { AuditAction } from '../audit/actions.ts'
import { newId } from '../security/random-token.ts'

/** A transaction in which nobody else changes whose this host is: claims of several sites take turns. No look-up belongs inside. */
export async function inHostTurn<Result>(owner: pg.Client, host: string, work: () => Promise<Result>): Promise<Result> {
  await owner.query('begin')
  try {
    await takeHostTurn(owner, host)
    const result = await work()
    await owner.query('commit')
    return result
  } catch (error) {
    await owner.query('rollback')
    throw error
  }
}

/** Inside one of these: nobody else changes which host of the site is canonical, until it ends. */
export async function takeSiteTurn(owner: pg.Client, tenantId: string): Promise<void> {
  await owner.query(`select pg_advisory_xact_lock(hashtextextended('hosts of ' || $1, 0))`, [tenantId])
}

/** In a transaction that is begun; of several hosts in their order. */
export async function takeHostTurn(owner: pg.Client, host: string): Promise<void> {
  await owner.query(`select pg_advisory_xact_lock(hashtextextended('host ' || $1, 0))`, [host])
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
