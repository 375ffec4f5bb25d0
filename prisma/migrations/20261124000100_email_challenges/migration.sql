set local role tenantry_owner;

create table email_challenges (
  tenant_id uuid not null,
  id uuid not null,
  purpose text not null check (purpose in ('sign-up', 'reset-password')),
  email_key text not null check (char_length(email_key) <= 254),
  member_id uuid,
  payload jsonb,
  token_hash bytea,
  code_hash bytea,
  code_expires_at timestamptz(3),
  attempts integer not null default 0,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  spent_at timestamptz(3),
  constraint email_challenges_pkey primary key (tenant_id, id),
  constraint email_challenges_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  constraint email_challenges_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create index email_challenges_tenant_id_member_id_idx on email_challenges (tenant_id, member_id);
create unique index email_challenges_tenant_id_token_hash_key on email_challenges (tenant_id, token_hash);
create index email_challenges_tenant_id_expires_at_idx on email_challenges (tenant_id, expires_at);
create index email_challenges_tenant_id_purpose_email_key_idx on email_challenges (tenant_id, purpose, email_key);
alter table email_challenges enable row level security;
alter table email_challenges force row level security;
create policy own_tenant on email_challenges to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on email_challenges as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on email_challenges to tenantry_app;
grant select on email_challenges to tenantry_backup;
