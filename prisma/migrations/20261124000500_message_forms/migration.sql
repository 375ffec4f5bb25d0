set local role tenantry_owner;

-- Sites made before there were forms have a collection for messages that nobody could send one into. Policies bind the owner of the tables as well and
-- would let it change no row in silence, so it goes through the sites as one of each.
do $$
declare
  site record;
begin
  for site in select id from public.tenants loop
    perform set_config('app.tenant_id', site.id::text, true);
    update public.collections set form = true where slug = 'messages' and audience = 'staff' and not form;
  end loop;
  perform set_config('app.tenant_id', '', true);
end
$$;
