set local role tenantry_owner;

create table sites (
  tenant_id uuid not null,
  name text not null check (char_length(name) between 1 and 200),
  locale text not null check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  time_zone text not null check (time_zone ~ '^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$'),
  allowed_origins text[] not null default '{}',
  updated_at timestamptz(3) not null default current_timestamp,
  constraint sites_pkey primary key (tenant_id),
  constraint sites_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
alter table sites enable row level security;
alter table sites force row level security;
create policy own_tenant on sites to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on sites as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on sites to tenantry_app;
grant select on sites to tenantry_backup;
call watch_table('sites');

create table brands (
  tenant_id uuid not null,
  short_name text not null check (char_length(short_name) between 1 and 60),
  tagline text not null check (char_length(tagline) <= 200),
  primary_color text not null check (primary_color ~ '^#[0-9a-f]{6}$'),
  accent_color text not null check (accent_color ~ '^#[0-9a-f]{6}$'),
  surface_color text not null check (surface_color ~ '^#[0-9a-f]{6}$'),
  text_color text not null check (text_color ~ '^#[0-9a-f]{6}$'),
  updated_at timestamptz(3) not null default current_timestamp,
  constraint brands_pkey primary key (tenant_id),
  constraint brands_tenant_id_fkey foreign key (tenant_id) references sites (tenant_id) on delete cascade on update cascade
);
alter table brands enable row level security;
alter table brands force row level security;
create policy own_tenant on brands to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on brands as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on brands to tenantry_app;
grant select on brands to tenantry_backup;
call watch_table('brands');
