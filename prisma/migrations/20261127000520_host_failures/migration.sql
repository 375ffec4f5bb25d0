set local role tenantry_owner;

alter table hosts
  -- When the first and the last of the answers that `failures` counts were given. What they say is over once `failures` is 0 again.
  add column failed_since timestamptz(3),
  add column failed_at timestamptz(3);

-- As before, but silence is no answer: it neither begins the three days of a proof that is gone nor, after days on which nobody looked, goes on where it
-- ended; and however often somebody looks, a day counts once. Owners are told at the first look that found the proof gone.
create or replace function record_host_check(tenant uuid, name text, proof text, points boolean, seen text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  one public.hosts;
  begins boolean := false;
  gone boolean;
begin
  -- The turn that operators take too (src/hosts/host-turn.ts), before any row is held.
  perform pg_advisory_xact_lock(hashtextextended('hosts of ' || tenant, 0));
  select * into one from public.hosts where tenant_id = tenant and host = name and status = 'verified' for update;
  if one.host is null then return false; end if;
  if points then one.pointed_at := coalesce(one.pointed_at, now()); end if;
  if proof = 'ok' then
    one.proven_at := coalesce(one.proven_at, now());
    one.failures := 0;
    one.failed_since := null;
    one.failed_at := null;
    one.failing_since := null;
  elsif proof in ('failed', 'unreachable') and one.proven_at is not null then
    if one.failing_since is null or (one.failures = 0 and one.checked_at <= now() - interval '3 days') then one.failing_since := now(); end if;
    if proof = 'failed' then
      -- Also those that the release before has counted, which did not write down since when.
      if one.failures = 0 or one.failed_since is null then one.failed_since := now(); end if;
      begins := one.failures = 0;
      if one.failures = 0 or one.failed_at is null or one.failed_at <= now() - interval '20 hours' then
        one.failures := one.failures + 1;
        one.failed_at := now();
      end if;
    end if;
  end if;
  one.checked_at := now();
  one.finding := seen;
  update public.hosts
    set (checked_at, finding, pointed_at, proven_at, failures, failed_since, failed_at, failing_since) =
      (one.checked_at, one.finding, one.pointed_at, one.proven_at, one.failures, one.failed_since, one.failed_at, one.failing_since)
    where tenant_id = tenant and host = name;
  -- Three answers and three days, less the hours by which daily looks may lie apart; or a month in which its proof was never seen.
  gone := one.failures >= 3 and one.failed_since <= now() - interval '70 hours';
  if gone or one.failing_since <= now() - interval '30 days' then
    perform public.release_host(tenant, name, case when gone then 'proof-failed' else 'unreachable' end);
    return true;
  end if;
  -- Owners are told once, at the first of those answers.
  if begins then
    perform public.tell_owners_of_host(tenant, name, 'host-failing', one.checked_at, '{}');
  end if;
  return false;
end
$$;
revoke all on function record_host_check(uuid, text, text, boolean, text) from public;
grant execute on function record_host_check(uuid, text, text, boolean, text) to tenantry_jobs;
