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
