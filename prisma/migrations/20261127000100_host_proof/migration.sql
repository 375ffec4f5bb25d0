set local role tenantry_owner;

-- What the DNS has said of a host. `status` stays what the directory serves by; src/hosts/host-state.ts makes of all this the state that a person follows.
alter table hosts
  -- To be found in the DNS of the host. No secret: it is worth something only to who can publish it there.
  add column token text check (token ~ '^[A-Za-z0-9_-]{43}$'),
  -- Since when it was found there. A verified host without one is an operator's word.
  add column proven_at timestamptz(3),
  add column pointed_at timestamptz(3),
  add column failing_since timestamptz(3),
  add column failures integer not null default 0 check (failures >= 0),
  add column checked_at timestamptz(3),
  add column finding text check (finding ~ '^[a-z-]{1,40}$'),
  add column released_at timestamptz(3);

-- A daily look that finds all well is no change of what the public sees: neither versions nor memories of other processes move.
drop trigger hosts_announce on hosts;
create trigger hosts_announce after insert or delete or update of tenant_id, host, status, canonical on hosts
  for each row execute function announce_host();

create function bump_versions_of_hosts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.tenants set version = version + 1 where id in (
    select tenant_id from (select tenant_id, host, status, canonical from earlier except select tenant_id, host, status, canonical from changed) as gone
    union
    select tenant_id from (select tenant_id, host, status, canonical from changed except select tenant_id, host, status, canonical from earlier) as come
  );
  return null;
end
$$;
revoke all on function bump_versions_of_hosts() from public;
drop trigger bump_version_on_update on hosts;
create trigger bump_version_on_update after update on hosts referencing old table as earlier new table as changed
  for each statement execute function bump_versions_of_hosts();

-- Gives a verified host up: it is pending again, and answers as unknown. Where it was canonical another verified host of the site becomes it, a sound one
-- first; without one the site as a whole is unknown until a host of it is proven. For operators and the function below; no other role may call it.
create function release_host(tenant uuid, name text, why text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  was_canonical boolean;
  heir text;
begin
  select canonical into was_canonical from public.hosts where tenant_id = tenant and host = name and status = 'verified' for update;
  if not found then return; end if;
  update public.hosts
    set status = 'pending', canonical = false, released_at = now(), proven_at = null, pointed_at = null, failing_since = null, failures = 0
    where tenant_id = tenant and host = name;
  if was_canonical then
    select h.host into heir from public.hosts h where h.tenant_id = tenant and h.status = 'verified'
      order by h.failing_since is null desc, h.pointed_at is not null desc, h.created_at, h.host limit 1;
    update public.hosts set canonical = true where tenant_id = tenant and host = heir;
  end if;
  -- Its policies bind the owner too.
  perform set_config('app.tenant_id', tenant::text, true);
  -- A millisecond apart, since ids begin with the time and the log is in their order.
  insert into public.audit_events (tenant_id, id, action, actor_kind, target_kind, target, details)
    select tenant, (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint + told.place), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
      told.action, 'system', 'host', left(told.host, 200), told.details
    from (values (0, 'host.released', name, jsonb_build_object('why', why)), (1, 'host.became-canonical', heir, '{}')) as told (place, action, host, details)
    where told.host is not null;
  perform set_config('app.tenant_id', before, true);
end
$$;
revoke all on function release_host(uuid, text, text) from public;

-- Writes down what a look at a verified host found, and releases one whose proof has failed too often. `proof` is ok, failed, unreachable or unasked;
-- `points` is null where that was not found out. The job worker may call it: it can verify nothing, and release nothing sooner than this says.
create function record_host_check(tenant uuid, name text, proof text, points boolean, seen text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  one public.hosts;
begin
  select * into one from public.hosts where tenant_id = tenant and host = name and status = 'verified' for update;
  if one.host is null then return false; end if;
  one.checked_at := now();
  one.finding := seen;
  if points then one.pointed_at := coalesce(one.pointed_at, now()); end if;
  if proof = 'ok' then
    one.proven_at := coalesce(one.proven_at, now());
    one.failures := 0;
    one.failing_since := null;
  elsif proof in ('failed', 'unreachable') and one.proven_at is not null then
    one.failing_since := coalesce(one.failing_since, now());
    -- Silence says nothing about whose the host is.
    if proof = 'failed' then one.failures := one.failures + 1; end if;
  end if;
  update public.hosts
    set (checked_at, finding, pointed_at, proven_at, failures, failing_since) =
      (one.checked_at, one.finding, one.pointed_at, one.proven_at, one.failures, one.failing_since)
    where tenant_id = tenant and host = name;
  -- Three answers and three days, less the hours by which daily looks may lie apart; or a month in which nobody answered at all.
  if (one.failures >= 3 and one.failing_since <= now() - interval '70 hours') or one.failing_since <= now() - interval '30 days' then
    perform public.release_host(tenant, name, case when one.failures >= 3 then 'proof-failed' else 'unreachable' end);
    return true;
  end if;
  return false;
end
$$;
revoke all on function record_host_check(uuid, text, text, boolean, text) from public;
grant execute on function record_host_check(uuid, text, text, boolean, text) to tenantry_jobs;
