-- The private half of a key goes soon after it has signed for the last time, which is known when its successor is made: a job waits for that moment.
-- One a site; a later moment moves it.
grant usage, create on schema public to tenantry_jobs;

set local role tenantry_jobs;

create function wake_keys() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform graphile_worker.add_job('tidy-keys', json_build_object('tenantId', new.tenant_id), job_key => 'keys:' || new.tenant_id,
    run_at => new.retired_at + interval '2 minutes');
  return null;
end
$$;
revoke all on function wake_keys() from public;
grant execute on function wake_keys() to tenantry_owner;

reset role;
revoke create on schema public from tenantry_jobs;

set local role tenantry_owner;

create trigger signing_keys_wake after update of retired_at on signing_keys
  for each row when (new.retired_at is not null) execute function wake_keys();
