set local role tenantry_owner;

create table invitations (
  tenant_id uuid not null,
  id uuid not null,
  email text not null check (char_length(email) <= 254),
  email_key text not null check (char_length(email_key) <= 254),
  role_id uuid not null,
  -- The member who invites; stays when that member is gone.
  invited_by uuid,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  accepted_at timestamptz(3),
  revoked_at timestamptz(3),
  constraint invitations_pkey primary key (tenant_id, id),
  constraint invitations_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  constraint invitations_tenant_id_role_id_fkey foreign key (tenant_id, role_id)
    references roles (tenant_id, id) on delete cascade on update cascade
);
create unique index invitations_one_open on invitations (tenant_id, email_key) where accepted_at is null and revoked_at is null;
create index invitations_tenant_id_role_id_idx on invitations (tenant_id, role_id);
alter table invitations enable row level security;
alter table invitations force row level security;
create policy own_tenant on invitations to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on invitations as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on invitations to tenantry_app;
grant select on invitations to tenantry_backup;

create table api_keys (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (char_length(name) between 1 and 100),
  secret_hash bytea not null,
  permissions text[] not null,
  created_by uuid,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  constraint api_keys_pkey primary key (tenant_id, id),
  constraint api_keys_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy own_tenant on api_keys to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on api_keys as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on api_keys to tenantry_app;
grant select on api_keys to tenantry_backup;

-- `k:<tenant>:<key>`: what is kept of it in memory holds no longer. Using a key announces nothing.
create function announce_api_key() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('tenantry', 'k:' || old.tenant_id || ':' || old.id);
  return null;
end
$$;
create trigger api_keys_announce after update of permissions, expires_at, revoked_at, secret_hash on api_keys
  for each row execute function announce_api_key();
create trigger api_keys_announce_delete after delete on api_keys
  for each row execute function announce_api_key();
revoke all on function announce_api_key() from public;

-- An operator of the hub on the way into a site as one of its members: the token of the way in is good once, for a minute.
create table operator_entries (
  tenant_id uuid not null,
  id uuid not null,
  member_id uuid not null,
  operator uuid not null,
  operator_epoch integer not null default 0,
  operator_name text not null check (char_length(operator_name) <= 200),
  reason text not null check (char_length(reason) between 10 and 500),
  token_hash bytea not null,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  spent_at timestamptz(3),
  constraint operator_entries_pkey primary key (tenant_id, id),
  constraint operator_entries_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create unique index operator_entries_tenant_id_token_hash_key on operator_entries (tenant_id, token_hash);
create index operator_entries_tenant_id_member_id_idx on operator_entries (tenant_id, member_id);
alter table operator_entries enable row level security;
alter table operator_entries force row level security;
create policy own_tenant on operator_entries to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on operator_entries as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on operator_entries to tenantry_app;
grant select on operator_entries to tenantry_backup;
