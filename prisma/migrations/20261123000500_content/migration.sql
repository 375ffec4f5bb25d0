set local role tenantry_owner;

create table collections (
  tenant_id uuid not null,
  id uuid not null,
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null,
  description text not null default '',
  schema jsonb not null,
  audience text not null default 'public' check (audience in ('public', 'staff')),
  position integer not null default 0,
  constraint collections_pkey primary key (tenant_id, id),
  constraint collections_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
create unique index collections_tenant_id_slug_key on collections (tenant_id, slug);
alter table collections enable row level security;
alter table collections force row level security;
create policy own_tenant on collections to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on collections as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on collections to tenantry_app;
grant select on collections to tenantry_backup;
call watch_table('collections');

create table entries (
  tenant_id uuid not null,
  id uuid not null,
  collection_id uuid not null,
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,126}$'),
  data jsonb not null,
  status text not null default 'draft' check (status in ('draft', 'published', 'archived')),
  published_at timestamptz(3),
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,
  constraint entries_pkey primary key (tenant_id, id),
  constraint entries_tenant_id_collection_id_fkey foreign key (tenant_id, collection_id)
    references collections (tenant_id, id) on delete cascade on update cascade,
  check (status <> 'published' or published_at is not null)
);
create unique index entries_tenant_id_collection_id_slug_key on entries (tenant_id, collection_id, slug);
create index entries_tenant_id_collection_id_status_published_at_id_idx
  on entries (tenant_id, collection_id, status, published_at desc, id desc);
alter table entries enable row level security;
alter table entries force row level security;
create policy own_tenant on entries to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on entries as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on entries to tenantry_app;
grant select on entries to tenantry_backup;
call watch_table('entries');
