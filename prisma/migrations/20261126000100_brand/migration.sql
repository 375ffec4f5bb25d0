set local role tenantry_owner;

-- Pictures and fonts that a brand is made of. Their bytes lie in the storage, below brand/<id>; a row is there only for what is.
create table brand_assets (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('image', 'font')),
  name text not null check (char_length(name) between 1 and 200),
  content_type text not null check (char_length(content_type) between 1 and 100),
  size integer not null check (size > 0),
  -- Of images, in pixels.
  width integer check (width > 0),
  height integer check (height > 0),
  created_at timestamptz(3) not null default current_timestamp,
  constraint brand_assets_pkey primary key (tenant_id, id),
  constraint brand_assets_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  check ((kind = 'image') = (width is not null and height is not null))
);
alter table brand_assets enable row level security;
alter table brand_assets force row level security;
create policy own_tenant on brand_assets to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on brand_assets as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on brand_assets to tenantry_app;
grant select on brand_assets to tenantry_backup;

-- What is being prepared, one for a site. Nobody sees it before it is published, so it raises no version. Where nothing is, the row stays without a spec:
-- a revision never returns, so that what somebody saw of an earlier draft is not taken for a later one.
create table brand_drafts (
  tenant_id uuid not null,
  revision integer not null check (revision > 0),
  spec jsonb,
  updated_at timestamptz(3) not null default current_timestamp,
  updated_by uuid,
  constraint brand_drafts_pkey primary key (tenant_id),
  constraint brand_drafts_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
alter table brand_drafts enable row level security;
alter table brand_drafts force row level security;
create policy own_tenant on brand_drafts to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on brand_drafts as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on brand_drafts to tenantry_app;
grant select on brand_drafts to tenantry_backup;

-- What was published, in order. The newest is in force; a return to an earlier one is a new one.
create table brand_publications (
  tenant_id uuid not null,
  number integer not null check (number > 0),
  spec jsonb not null,
  -- The images of the spec with their sizes, by what they are for.
  images jsonb not null,
  note text not null default '' check (char_length(note) <= 200),
  returned_to integer,
  published_at timestamptz(3) not null default current_timestamp,
  published_by uuid,
  constraint brand_publications_pkey primary key (tenant_id, number),
  constraint brand_publications_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
alter table brand_publications enable row level security;
alter table brand_publications force row level security;
create policy own_tenant on brand_publications to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on brand_publications as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on brand_publications to tenantry_app;
grant select on brand_publications to tenantry_backup;

-- Null where the brand is still what the site was made with. Not restrict: a tenant that goes takes both with it in one statement.
alter table brands add column publication integer;
alter table brands add constraint brands_tenant_id_publication_fkey foreign key (tenant_id, publication) references brand_publications (tenant_id, number)
  on delete no action on update cascade;
