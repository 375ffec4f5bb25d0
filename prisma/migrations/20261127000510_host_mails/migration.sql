set local role tenantry_owner;

-- Writes to the owners of a site about one of its hosts, in the transaction in which that happens, and once: `moment` names it. A site that has lost its
-- last host has no name to write under any more; then the hub writes.
create function tell_owners_of_host(tenant uuid, name text, mail text, moment timestamptz, more jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  owners jsonb;
  writer uuid;
  proof text;
begin
  select token into proof from public.hosts where tenant_id = tenant and host = name;
  select coalesce((select h.tenant_id from public.hosts h where h.tenant_id = tenant and h.canonical),
    (select t.id from public.tenants t where t.kind = 'platform' and t.status = 'active' limit 1)) into writer;
  if writer is null or proof is null then return; end if;
  -- Its policies bind the owner too.
  perform set_config('app.tenant_id', tenant::text, true);
  select jsonb_agg(jsonb_build_object('id', m.id, 'address', m.email_key,
      'language', case lower(left(coalesce(m.language, s.locale, ''), 2)) when 'en' then 'en' when 'fr' then 'fr' else 'pt' end))
    into owners
    from public.members m left join public.sites s on s.tenant_id = m.tenant_id
    where m.tenant_id = tenant and m.status = 'active' and exists (
      select from public.member_roles held join public.roles r on r.tenant_id = held.tenant_id and r.id = held.role_id
      where held.tenant_id = tenant and held.member_id = m.id and r.slug = 'owner' and r.built_in);
  perform set_config('app.tenant_id', writer::text, true);
  insert into public.mail_messages (tenant_id, id, kind, recipient, locale, variables, intent, expires_at)
    select writer, (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
      mail, told ->> 'address', told ->> 'language',
      more || jsonb_build_object('host', name, 'record_name', '_tenantry.' || name, 'record_value', 'tenantry-host=' || proof),
      mail || ':' || md5(name) || ':' || extract(epoch from moment) || ':' || (told ->> 'id'), now() + interval '3 days'
    from jsonb_array_elements(owners) told
    on conflict do nothing;
  perform set_config('app.tenant_id', before, true);
end
$$;
revoke all on function tell_owners_of_host(uuid, text, text, timestamptz, jsonb) from public;

-- As before, and the owners are told.
create or replace function release_host(tenant uuid, name text, why text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  was_canonical boolean;
  since timestamptz := now();
  heir text;
begin
  perform pg_advisory_xact_lock(hashtextextended('hosts of ' || tenant, 0));
  select canonical into was_canonical from public.hosts where tenant_id = tenant and host = name and status = 'verified' for update;
  if not found then return; end if;
  update public.hosts
    set status = 'pending', canonical = false, released_at = since, proven_at = null, pointed_at = null, failing_since = null, failures = 0
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
  perform public.tell_owners_of_host(tenant, name, 'host-released', since, jsonb_build_object('elsewhere', case when why = 'proven-elsewhere' then 'yes' else '' end));
end
$$;
