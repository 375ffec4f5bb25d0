set local role tenantry_owner;

-- Uploads that come in parts, in any order, and can go on where they broke off. Their medium is `uploading` meanwhile.
create table media_uploads (
  tenant_id uuid not null,
  media_id uuid not null,
  -- As the storage calls it.
  storage_upload text not null,
  size bigint not null check (size > 0),
  part_size integer not null check (part_size > 0),
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  constraint media_uploads_pkey primary key (tenant_id, media_id),
  constraint media_uploads_tenant_id_media_id_fkey foreign key (tenant_id, media_id) references media (tenant_id, id) on delete cascade on update cascade
);
alter table media_uploads enable row level security;
alter table media_uploads force row level security;
create policy own_tenant on media_uploads to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on media_uploads as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on media_uploads to tenantry_app;
grant select on media_uploads to tenantry_backup;
