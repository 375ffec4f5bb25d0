set local role tenantry_owner;

-- A key is published before it signs: `activates_at` of the next one is `retired_at` of the one before, and both may lie ahead. The one row without
-- `retired_at` is the newest.
alter table signing_keys add column activates_at timestamptz(3) not null default current_timestamp;

-- What is there has signed since it was made. Policies bind the owner of the tables as well, so it goes through the sites as one of each.
do $$
declare
  site record;
begin
  for site in select id from public.tenants loop
    perform set_config('app.tenant_id', site.id::text, true);
    update public.signing_keys set activates_at = created_at;
  end loop;
  perform set_config('app.tenant_id', '', true);
end
$$;
