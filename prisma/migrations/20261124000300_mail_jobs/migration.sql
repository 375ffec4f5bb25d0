-- A fourth role owns the job queue of graphile-worker, whose own migrations src/db/migrate.ts runs as this role. The queue's tables have row-level
-- security without a policy: the service's role cannot read a job, and can add one only by way of the trigger below.
do $$
begin
  begin
    create role tenantry_jobs nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  exception when duplicate_object or unique_violation then
    null; -- made by an earlier database of this cluster, or by a run beside this one
  end;
  if not (select rolsuper from pg_roles where rolname = current_user) and not pg_has_role(current_user, 'tenantry_jobs', 'set') then
    execute format('grant tenantry_jobs to %I with inherit true, set true', current_user);
  end if;
end
$$;
create schema if not exists graphile_worker authorization tenantry_jobs;
grant usage, create on schema public to tenantry_jobs;

set local role tenantry_jobs;

-- As graphile-worker makes it itself: it then asks for no right to create schemas in the database.
create table if not exists graphile_worker.migrations (
  id integer primary key,
  ts timestamptz not null default now(),
  breaking boolean not null default false
);

-- One job for each site, not for each mail: it sends what is due and goes to the end of the queue again, so that a site with ten thousand mails
-- waits as often as one with ten. A job that is running already has let go of its key, so that nothing written meanwhile is forgotten.
create function wake_mail() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform graphile_worker.add_job('deliver-mail', json_build_object('tenantId', new.tenant_id), job_key => 'mail:' || new.tenant_id, max_attempts => 1000);
  return null;
end
$$;
revoke all on function wake_mail() from public;
grant execute on function wake_mail() to tenantry_owner;

reset role;
revoke create on schema public from tenantry_jobs;

set local role tenantry_owner;

create trigger mail_messages_wake_on_insert after insert on mail_messages
  for each row execute function wake_mail();
create trigger mail_messages_wake_on_requeue after update of status on mail_messages
  for each row when (new.status = 'queued' and old.status <> 'queued') execute function wake_mail();
-- New settings may be what the mails have been waiting for.
create trigger mail_accounts_wake_on_insert after insert on mail_accounts
  for each row execute function wake_mail();
create trigger mail_accounts_wake_on_change after update on mail_accounts
  for each row when (new.revision <> old.revision) execute function wake_mail();
