set local role tenantry_owner;

-- The public sees hosts too: origin, issuer and links are made from them.
call watch_table('hosts');

-- An update may take a host from one tenant and give it to another, or rename it: both sides are told.
create or replace function announce_host() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('tenantry', told.message)
    from (values ('t:' || old.tenant_id), ('t:' || new.tenant_id), ('h:' || old.host), ('h:' || new.host)) as told (message)
    where told.message is not null;
  return null;
end
$$;

-- Names and states of the tenant itself are shown as well.
create function bump_own_version() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.version := greatest(new.version, old.version + 1);
  return new;
end
$$;
create trigger tenants_bump before update of slug, status, kind on tenants
  for each row execute function bump_own_version();
revoke all on function bump_own_version() from public;
