set local role tenantry_owner;

create table signing_keys (
  tenant_id uuid not null,
  id text not null,
  public_jwk jsonb not null,
  sealed_private text not null,
  created_at timestamptz(3) not null default current_timestamp,
  retired_at timestamptz(3),
  constraint signing_keys_pkey primary key (tenant_id, id),
  constraint signing_keys_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
create unique index signing_keys_one_current on signing_keys (tenant_id) where retired_at is null;
alter table signing_keys enable row level security;
alter table signing_keys force row level security;
create policy own_tenant on signing_keys to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on signing_keys as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on signing_keys to tenantry_app;
grant select on signing_keys to tenantry_backup;
call watch_table('signing_keys');

create table members (
  tenant_id uuid not null,
  id uuid not null,
  email text not null check (char_length(email) <= 254),
  email_key text not null check (char_length(email_key) <= 254),
  name text not null check (char_length(name) <= 200),
  status text not null default 'active' check (status in ('active', 'deactivated')),
  epoch integer not null default 0,
  email_verified_at timestamptz(3),
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,
  constraint members_pkey primary key (tenant_id, id),
  constraint members_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
create unique index members_tenant_id_email_key_key on members (tenant_id, email_key);
alter table members enable row level security;
alter table members force row level security;
create policy own_tenant on members to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on members as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on members to tenantry_app;
grant select on members to tenantry_backup;

create table passwords (
  tenant_id uuid not null,
  member_id uuid not null,
  hash text not null,
  updated_at timestamptz(3) not null default current_timestamp,
  constraint passwords_pkey primary key (tenant_id, member_id),
  constraint passwords_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
alter table passwords enable row level security;
alter table passwords force row level security;
create policy own_tenant on passwords to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on passwords as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on passwords to tenantry_app;
grant select on passwords to tenantry_backup;

create table roles (
  tenant_id uuid not null,
  id uuid not null,
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null,
  permissions text[] not null default '{}',
  built_in boolean not null default false,
  constraint roles_pkey primary key (tenant_id, id),
  constraint roles_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
create unique index roles_tenant_id_slug_key on roles (tenant_id, slug);
alter table roles enable row level security;
alter table roles force row level security;
create policy own_tenant on roles to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on roles as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on roles to tenantry_app;
grant select on roles to tenantry_backup;

create table member_roles (
  tenant_id uuid not null,
  member_id uuid not null,
  role_id uuid not null,
  constraint member_roles_pkey primary key (tenant_id, member_id, role_id),
  constraint member_roles_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade,
  constraint member_roles_tenant_id_role_id_fkey foreign key (tenant_id, role_id)
    references roles (tenant_id, id) on delete restrict on update cascade
);
create index member_roles_tenant_id_role_id_idx on member_roles (tenant_id, role_id);
alter table member_roles enable row level security;
alter table member_roles force row level security;
create policy own_tenant on member_roles to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on member_roles as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on member_roles to tenantry_app;
grant select on member_roles to tenantry_backup;

create table sessions (
  tenant_id uuid not null,
  id uuid not null,
  member_id uuid not null,
  epoch integer not null,
  generation integer not null default 0,
  refresh_hash bytea not null,
  previous_hash bytea,
  sealed_successor bytea,
  rotated_at timestamptz(3),
  user_agent text not null default '' check (char_length(user_agent) <= 400),
  created_at timestamptz(3) not null default current_timestamp,
  idle_expires_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  ended_at timestamptz(3),
  end_reason text check (end_reason in ('signed_out', 'reused')),
  constraint sessions_pkey primary key (tenant_id, id),
  constraint sessions_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create index sessions_tenant_id_member_id_idx on sessions (tenant_id, member_id);
alter table sessions enable row level security;
alter table sessions force row level security;
create policy own_tenant on sessions to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on sessions as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on sessions to tenantry_app;
grant select on sessions to tenantry_backup;

-- Tells every process to read a member's standing again. Payload: `m:<tenant>:<member>`, or `r:<tenant>` when a role changed.
-- Sign-in and refresh announce nothing: only what takes something away, or grants it, is worth a message.
create function announce_member() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('tenantry', 'm:' || old.tenant_id || ':' || old.id);
  return null;
end
$$;

create function announce_member_of_row() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('tenantry', 'm:' || coalesce(new.tenant_id, old.tenant_id) || ':' || coalesce(new.member_id, old.member_id));
  return null;
end
$$;

create function announce_roles() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('tenantry', 'r:' || old.tenant_id);
  return null;
end
$$;

create trigger members_announce after update or delete on members
  for each row execute function announce_member();
create trigger member_roles_announce after insert or update or delete on member_roles
  for each row execute function announce_member_of_row();
create trigger roles_announce after update or delete on roles
  for each row execute function announce_roles();
create trigger sessions_announce_end after update of ended_at on sessions
  for each row when (new.ended_at is not null) execute function announce_member_of_row();
create trigger sessions_announce_delete after delete on sessions
  for each row execute function announce_member_of_row();

revoke all on function announce_member(), announce_member_of_row(), announce_roles() from public;
