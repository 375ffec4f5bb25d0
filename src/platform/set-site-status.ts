import type pg from 'pg'
import type { AuditAction } from '../audit/actions.ts'
import { newId } from '../security/random-token.ts'

/**
 * `active` again, `suspended` (answers 403) or `deleted` (answers 404). Every copy of the service acts on it within seconds, and the site's audit log
 * tells of it. False where there is no such site.
 */
export async function setSiteStatus(owner: pg.Client, slug: string, status: keyof typeof statusEvents): Promise<boolean> {
  // One statement: neither is there without the other. The owner of a table is held to its policies too, hence the setting.
  const { rows } = await owner.query<{ id: string; bound: string }>(
    "select id, set_config('app.tenant_id', id::text, false) as bound from tenants where slug = $1 and kind = 'site'",
    [slug],
  )
  const id = rows[0]?.id
  if (id === undefined) return false
  await owner.query(
    `with changed as (update tenants set status = $2 where id = $1 and status <> $2 returning id)
     insert into audit_events (tenant_id, id, action, actor_kind, target_kind, target) select id, $3, $4, 'operator', 'site', id::text from changed`,
    [id, status, newId(), statusEvents[status]],
  )
  return true
}

/** Null where another site has proven its hosts meanwhile, as may happen while it is deleted: without one it is unknown. */
export async function readCanonicalHost(owner: pg.Client, slug: string): Promise<string | null> {
  const { rows } = await owner.query<{ host: string }>(
    'select h.host from hosts h join tenants t on t.id = h.tenant_id where t.slug = $1 and h.canonical',
    [slug],
  )
  return rows[0]?.host ?? null
}

const statusEvents = { active: 'site.restored', suspended: 'site.suspended', deleted: 'site.deleted' } as const satisfies Record<string, AuditAction>
