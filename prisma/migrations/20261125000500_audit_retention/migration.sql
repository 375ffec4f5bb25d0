set local role tenantry_owner;

-- Removes a site's audit events that are older than so many days, oldest first, `most` at a time. The service's role may neither delete there nor call
-- this: only the job worker does, and never for less than 90 days. The policies bind the owner too, hence the tenant, which is forgotten at the end.
create function tidy_audit(tenant uuid, days integer, most integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  cutoff timestamptz := now() - make_interval(days => greatest(days, 90));
  -- Ids begin with the time in milliseconds: a range of them is a range of the primary key. A day more, in case clocks differ.
  bound uuid := (lpad(to_hex((extract(epoch from cutoff + interval '1 day') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
  removed integer;
begin
  perform set_config('app.tenant_id', tenant::text, true);
  delete from public.audit_events e
    using (select o.id from public.audit_events o where o.tenant_id = tenant and o.id < bound and o.at < cutoff order by o.id limit most) as old
    where e.tenant_id = tenant and e.id = old.id;
  get diagnostics removed = row_count;
  perform set_config('app.tenant_id', before, true);
  return removed;
end
$$;
revoke all on function tidy_audit(uuid, integer, integer) from public;
grant execute on function tidy_audit(uuid, integer, integer) to tenantry_jobs;
