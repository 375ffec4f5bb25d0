set local role tenantry_owner;

create table totp_factors (
  tenant_id uuid not null,
  id uuid not null,
  member_id uuid not null,
  name text not null check (char_length(name) between 1 and 100),
  sealed_secret text not null,
  -- The last time step that was spent: a code is good once (RFC 6238, 5.2).
  last_step bigint not null default 0,
  confirmed_at timestamptz(3),
  created_at timestamptz(3) not null default current_timestamp,
  last_used_at timestamptz(3),
  constraint totp_factors_pkey primary key (tenant_id, id),
  constraint totp_factors_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create index totp_factors_tenant_id_member_id_idx on totp_factors (tenant_id, member_id);
alter table totp_factors enable row level security;
alter table totp_factors force row level security;
create policy own_tenant on totp_factors to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on totp_factors as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on totp_factors to tenantry_app;
grant select on totp_factors to tenantry_backup;

create table recovery_codes (
  tenant_id uuid not null,
  id uuid not null,
  member_id uuid not null,
  -- Argon2id of the code under the salt that all codes of one set share: one computation tells which of them it is.
  salt bytea not null,
  hash bytea not null,
  used_at timestamptz(3),
  created_at timestamptz(3) not null default current_timestamp,
  constraint recovery_codes_pkey primary key (tenant_id, id),
  constraint recovery_codes_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create index recovery_codes_tenant_id_member_id_idx on recovery_codes (tenant_id, member_id);
alter table recovery_codes enable row level security;
alter table recovery_codes force row level security;
create policy own_tenant on recovery_codes to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on recovery_codes as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on recovery_codes to tenantry_app;
grant select on recovery_codes to tenantry_backup;

create table passkeys (
  tenant_id uuid not null,
  id uuid not null,
  member_id uuid not null,
  name text not null check (char_length(name) between 1 and 100),
  credential bytea not null check (octet_length(credential) between 1 and 1023),
  -- COSE key.
  public_key bytea not null,
  counter bigint not null default 0,
  transports text[] not null default '{}',
  aaguid uuid,
  backed_up boolean not null default false,
  created_at timestamptz(3) not null default current_timestamp,
  last_used_at timestamptz(3),
  constraint passkeys_pkey primary key (tenant_id, id),
  constraint passkeys_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create unique index passkeys_tenant_id_credential_key on passkeys (tenant_id, credential);
create index passkeys_tenant_id_member_id_idx on passkeys (tenant_id, member_id);
alter table passkeys enable row level security;
alter table passkeys force row level security;
create policy own_tenant on passkeys to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on passkeys as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on passkeys to tenantry_app;
grant select on passkeys to tenantry_backup;

-- What an authenticator has to sign, once.
create table passkey_challenges (
  tenant_id uuid not null,
  id uuid not null,
  purpose text not null check (purpose in ('register', 'sign-in', 'second-factor', 'reauthenticate')),
  member_id uuid,
  -- The pending sign-in or session that it belongs to.
  bound_to uuid,
  challenge text not null check (char_length(challenge) <= 100),
  expires_at timestamptz(3) not null,
  spent_at timestamptz(3),
  constraint passkey_challenges_pkey primary key (tenant_id, id),
  constraint passkey_challenges_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  constraint passkey_challenges_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create index passkey_challenges_tenant_id_member_id_idx on passkey_challenges (tenant_id, member_id);
create index passkey_challenges_tenant_id_expires_at_idx on passkey_challenges (tenant_id, expires_at);
alter table passkey_challenges enable row level security;
alter table passkey_challenges force row level security;
create policy own_tenant on passkey_challenges to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on passkey_challenges as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on passkey_challenges to tenantry_app;
grant select on passkey_challenges to tenantry_backup;
