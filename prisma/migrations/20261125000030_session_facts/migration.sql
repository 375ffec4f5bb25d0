set local role tenantry_owner;

-- What is known of a session beside its tokens: when and by what somebody last proved who they are, from where, and whether an operator acts in it.
alter table sessions
  add column authenticated_at timestamptz(3) not null default current_timestamp,
  add column methods text[] not null default '{}',
  add column address text not null default '' check (char_length(address) <= 45),
  add column operator uuid,
  add column operator_epoch integer not null default 0,
  add column operator_reason text check (char_length(operator_reason) <= 500),
  drop constraint sessions_end_reason_check,
  add constraint sessions_end_reason_check check (end_reason in ('signed_out', 'reused', 'revoked'));
-- Sessions of before proved nothing just now. Policies bind the owner of the tables too, so it goes through the sites as one of each.
do $$
declare
  site record;
begin
  for site in select id from public.tenants loop
    perform set_config('app.tenant_id', site.id::text, true);
    update public.sessions set authenticated_at = created_at;
  end loop;
  perform set_config('app.tenant_id', '', true);
end
$$;
create trigger sessions_announce_proof after update of authenticated_at on sessions
  for each row execute function announce_member_of_row();

alter table members
  add column language text check (language in ('pt', 'en', 'fr')),
  add column erase_at timestamptz(3);
create index members_tenant_id_erase_at_idx on members (tenant_id, erase_at);

-- Somebody who has shown the first factor and owes the second, or has to set one up.
create table pending_sign_ins (
  tenant_id uuid not null,
  id uuid not null,
  member_id uuid not null,
  epoch integer not null,
  secret_hash bytea not null,
  methods text[] not null,
  enrol boolean not null default false,
  sealed_totp text,
  attempts integer not null default 0,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  spent_at timestamptz(3),
  constraint pending_sign_ins_pkey primary key (tenant_id, id),
  constraint pending_sign_ins_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create index pending_sign_ins_tenant_id_member_id_idx on pending_sign_ins (tenant_id, member_id);
alter table pending_sign_ins enable row level security;
alter table pending_sign_ins force row level security;
create policy own_tenant on pending_sign_ins to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on pending_sign_ins as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on pending_sign_ins to tenantry_app;
grant select on pending_sign_ins to tenantry_backup;

-- Browsers and programs that a member has signed in with before.
create table known_devices (
  tenant_id uuid not null,
  member_id uuid not null,
  device_hash bytea not null,
  name text not null default '' check (char_length(name) <= 120),
  first_seen_at timestamptz(3) not null default current_timestamp,
  last_seen_at timestamptz(3) not null default current_timestamp,
  constraint known_devices_pkey primary key (tenant_id, member_id, device_hash),
  constraint known_devices_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
alter table known_devices enable row level security;
alter table known_devices force row level security;
create policy own_tenant on known_devices to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on known_devices as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on known_devices to tenantry_app;
grant select on known_devices to tenantry_backup;

alter table email_challenges
  drop constraint email_challenges_purpose_check,
  add constraint email_challenges_purpose_check check (purpose in
    ('sign-up', 'reset-password', 'sign-in', 'change-email-old', 'change-email-new', 'invitation', 'keep-account'));

-- A change of address that both addresses have to confirm, and that the old one can undo.
create table email_changes (
  tenant_id uuid not null,
  id uuid not null,
  member_id uuid not null,
  old_email text not null check (char_length(old_email) <= 254),
  new_email text not null check (char_length(new_email) <= 254),
  -- The challenges of the two mails, and the session that asked. They may be gone before the change is.
  old_challenge uuid not null,
  new_challenge uuid not null,
  asked_in uuid not null,
  old_confirmed_at timestamptz(3),
  new_confirmed_at timestamptz(3),
  applied_at timestamptz(3),
  undone_at timestamptz(3),
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  constraint email_changes_pkey primary key (tenant_id, id),
  constraint email_changes_tenant_id_member_id_fkey foreign key (tenant_id, member_id)
    references members (tenant_id, id) on delete cascade on update cascade
);
create index email_changes_tenant_id_member_id_idx on email_changes (tenant_id, member_id);
create unique index email_changes_tenant_id_old_challenge_key on email_changes (tenant_id, old_challenge);
create unique index email_changes_tenant_id_new_challenge_key on email_changes (tenant_id, new_challenge);
alter table email_changes enable row level security;
alter table email_changes force row level security;
create policy own_tenant on email_changes to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on email_changes as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on email_changes to tenantry_app;
grant select on email_changes to tenantry_backup;
