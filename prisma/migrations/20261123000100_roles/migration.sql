-- Three roles, shared by every database of the cluster, none of which can log in: a login takes one of them on.
--   tenantry_owner   owns the schema; migrations run as it
--   tenantry_app     reads and writes rows behind row-level security; the service runs as it
--   tenantry_backup  reads everything, for dumps
do $$
declare
  wanted record;
  is_superuser boolean := (select rolsuper from pg_roles where rolname = current_user);
begin
  for wanted in
    select * from (values
      ('tenantry_owner', 'nologin nosuperuser nobypassrls nocreatedb nocreaterole'),
      ('tenantry_app', 'nologin nosuperuser nobypassrls nocreatedb nocreaterole'),
      ('tenantry_backup', 'nologin nosuperuser nocreatedb nocreaterole')
    ) as roles (name, attributes)
  loop
    begin
      execute format('create role %I %s', wanted.name, wanted.attributes);
    exception when duplicate_object or unique_violation then
      null; -- made by an earlier database of this cluster, or by a run beside this one
    end;
    if not is_superuser and not pg_has_role(current_user, wanted.name, 'set') then
      execute format('grant %I to %I with inherit true, set true', wanted.name, current_user);
    end if;
  end loop;
  begin
    alter role tenantry_backup bypassrls;
  exception when insufficient_privilege then
    raise warning 'tenantry_backup cannot bypass row-level security: a superuser has to run "alter role tenantry_backup bypassrls" before backups work';
  end;
end
$$;

grant usage, create on schema public to tenantry_owner;
grant usage on schema public to tenantry_app, tenantry_backup;

-- The server compares the migrations it was built with to those applied. The engine makes its table before the first migration.
do $$
begin
  if to_regclass('public._prisma_migrations') is not null then
    grant select on public._prisma_migrations to tenantry_app, tenantry_backup;
  end if;
end
$$;
