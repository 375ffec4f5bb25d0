set local role tenantry_owner;

create table tenants (
  id uuid not null,
  slug text not null,
  kind text not null default 'site' check (kind in ('site', 'platform')),
  status text not null default 'active' check (status in ('active', 'suspended', 'deleted')),
  version bigint not null default 1,
  created_at timestamptz(3) not null default current_timestamp,
  constraint tenants_pkey primary key (id),
  check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')
);
create unique index tenants_slug_key on tenants (slug);
create unique index tenants_one_platform on tenants (kind) where kind = 'platform';

create table hosts (
  tenant_id uuid not null,
  host text not null,
  status text not null default 'pending' check (status in ('pending', 'verified')),
  canonical boolean not null default false,
  created_at timestamptz(3) not null default current_timestamp,
  constraint hosts_pkey primary key (tenant_id, host),
  constraint hosts_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  check (host ~ '^[a-z0-9.-]{1,253}$'),
  check (status = 'verified' or not canonical)
);
-- Only among verified rows, so that a claim nobody proved cannot squat a name.
create unique index hosts_verified on hosts (host) where status = 'verified';
create unique index hosts_one_canonical on hosts (tenant_id) where canonical;

-- No row-level security here: these two tables are read before a tenant is known. The app role reads them and can do nothing else.
grant select on tenants, hosts to tenantry_app, tenantry_backup;

-- Tells every process which tenant or host it should look up again. Payload: `t:<tenant>` or `h:<host>`.
create function announce_tenant() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('tenantry', 't:' || coalesce(new.id, old.id));
  return null;
end
$$;

create function announce_host() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('tenantry', 't:' || coalesce(new.tenant_id, old.tenant_id));
  perform pg_notify('tenantry', 'h:' || coalesce(new.host, old.host));
  return null;
end
$$;

create trigger tenants_announce after insert or update or delete on tenants
  for each row execute function announce_tenant();
create trigger hosts_announce after insert or update or delete on hosts
  for each row execute function announce_host();

-- Raises the version of every tenant whose rows a statement changed. The app role may not update tenants, so it runs as the owner.
create function bump_tenant_version() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.tenants set version = version + 1 where id in (select tenant_id from changed);
  return null;
end
$$;

-- For migrations: makes changes of a table raise the tenant's version. A trigger with a transition table takes one event, hence three.
create procedure watch_table(watched regclass)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  event record;
begin
  for event in select * from (values ('insert', 'new'), ('update', 'new'), ('delete', 'old')) as events (name, side) loop
    execute format(
      'create trigger bump_version_on_%s after %s on %s referencing %s table as changed for each statement execute function public.bump_tenant_version()',
      event.name, event.name, watched, event.side);
  end loop;
end
$$;

revoke all on function announce_tenant(), announce_host(), bump_tenant_version() from public;
revoke all on procedure watch_table(regclass) from public;
