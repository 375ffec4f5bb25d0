import type { TestDatabase } from '../database.ts'

/** Adds so many events to a site, one a minute up to now, each with an id of its minute, as any actor in turn. */
export async function addEvents(
  { owner }: TestDatabase,
  tenantId: string,
  { count, actors }: { count: number; actors: readonly string[] },
): Promise<void> {
  await owner.query(
    `insert into audit_events (tenant_id, id, at, action, actor_kind, actor, target_kind, target, details)
     select $1, (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid, moment,
       case when n % 1000 = 0 then 'role.changed' else 'session.opened' end, 'member', ($2::uuid[])[1 + n % cardinality($2::uuid[])],
       case when n % 500 = 0 then 'role' end, case when n % 500 = 0 then 'role-' || n end, json_build_object('n', n)
     from generate_series(0, $3 - 1) n, lateral (select date_trunc('minute', now()) - make_interval(mins => $3 - n)) as times (moment)`,
    [tenantId, actors, count],
  )
}
