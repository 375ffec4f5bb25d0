set local role tenantry_owner;

-- A file that somebody sent, and what was made of it. It is served when it is ready, and no sooner.
create table media (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 200),
  status text not null default 'uploading' check (status in ('uploading', 'checking', 'ready', 'refused')),
  reason text check (length(reason) <= 40),
  kind text check (kind in ('image', 'video', 'audio', 'document')),
  content_type text check (length(content_type) <= 100),
  extension text check (extension ~ '^[a-z0-9]{1,8}$'),
  size bigint not null check (size >= 0),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  visibility text not null default 'public' check (visibility in ('public', 'private')),
  alt text not null default '' check (length(alt) <= 1000),
  focus_x double precision check (focus_x between 0 and 1),
  focus_y double precision check (focus_y between 0 and 1),
  width integer,
  height integer,
  variants jsonb not null default '[]',
  created_by uuid,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,
  constraint media_pkey primary key (tenant_id, id),
  constraint media_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  check (status <> 'ready' or (kind is not null and content_type is not null and extension is not null and sha256 is not null)),
  check ((status = 'refused') = (reason is not null)),
  check ((focus_x is null) = (focus_y is null))
);
create index media_tenant_id_status_id_idx on media (tenant_id, status, id);
create index media_tenant_id_kind_id_idx on media (tenant_id, kind, id);
alter table media enable row level security;
alter table media force row level security;
create policy own_tenant on media to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on media as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on media to tenantry_app;
grant select on media to tenantry_backup;

-- What a site's media take up. Its row is locked by whoever adds a file, until that is decided: uploads that come at once cannot pass the quota together.
create table media_usage (
  tenant_id uuid not null,
  bytes bigint not null default 0,
  files integer not null default 0,
  constraint media_usage_pkey primary key (tenant_id),
  constraint media_usage_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
alter table media_usage enable row level security;
alter table media_usage force row level security;
create policy own_tenant on media_usage to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on media_usage as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on media_usage to tenantry_app;
grant select on media_usage to tenantry_backup;

-- One that is on its way counts with the size that was announced; of one that was refused nothing is kept.
create function count_media() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  more_bytes bigint := 0;
  more_files integer := 0;
begin
  if tg_op <> 'DELETE' and new.status <> 'refused' then
    more_bytes := new.size;
    more_files := 1;
  end if;
  if tg_op <> 'INSERT' and old.status <> 'refused' then
    more_bytes := more_bytes - old.size;
    more_files := more_files - 1;
  end if;
  if tg_op = 'INSERT' then
    insert into public.media_usage as u (tenant_id, bytes, files) values (new.tenant_id, more_bytes, more_files)
      on conflict (tenant_id) do update set bytes = u.bytes + excluded.bytes, files = u.files + excluded.files;
  else
    update public.media_usage u set bytes = u.bytes + more_bytes, files = u.files + more_files where u.tenant_id = old.tenant_id;
  end if;
  return null;
end
$$;
revoke all on function count_media() from public;
create trigger media_count after insert or delete or update of size, status on media for each row execute function count_media();

-- Of media the public sees those that are ready and not private.
create function bump_version_of_public_media() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.tenants set version = version + 1 where id in (select tenant_id from former where status = 'ready' and visibility = 'public');
  return null;
end
$$;
create function bump_version_of_public_media_before_or_after() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.tenants set version = version + 1 where id in (
    select tenant_id from changed where status = 'ready' and visibility = 'public'
    union all select tenant_id from former where status = 'ready' and visibility = 'public');
  return null;
end
$$;
create trigger bump_version_on_update after update on media
  referencing old table as former new table as changed for each statement execute function bump_version_of_public_media_before_or_after();
create trigger bump_version_on_delete after delete on media
  referencing old table as former for each statement execute function bump_version_of_public_media();
revoke all on function bump_version_of_public_media(), bump_version_of_public_media_before_or_after() from public;
