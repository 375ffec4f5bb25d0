set local role tenantry_owner;

create table mail_accounts (
  tenant_id uuid not null,
  provider text not null default 'none' check (provider in ('none', 'smtp', 'resend')),
  host text not null default '' check (char_length(host) <= 253),
  port integer not null default 0 check (port between 0 and 65535),
  security text not null default 'tls' check (security in ('tls', 'starttls', 'none')),
  username text not null default '' check (char_length(username) <= 320),
  sealed_secret text,
  sender_name text not null default '' check (char_length(sender_name) <= 100),
  sender_address text not null default '' check (char_length(sender_address) <= 254),
  reply_to text not null default '' check (char_length(reply_to) <= 254),
  fallback boolean not null default true,
  daily_cap integer not null default 1000 check (daily_cap between 0 and 1000000),
  verified_at timestamptz(3),
  revision integer not null default 0,
  failures integer not null default 0,
  last_failure text,
  paused_until timestamptz(3),
  report_token_hash bytea,
  sealed_webhook_secret text,
  updated_at timestamptz(3) not null default current_timestamp,
  constraint mail_accounts_pkey primary key (tenant_id),
  constraint mail_accounts_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  check (provider = 'none' or sender_address <> '')
);
alter table mail_accounts enable row level security;
alter table mail_accounts force row level security;
create policy own_tenant on mail_accounts to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on mail_accounts as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on mail_accounts to tenantry_app;
grant select on mail_accounts to tenantry_backup;

create table mail_messages (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null check (kind ~ '^[a-z][a-z-]{0,40}$'),
  recipient text not null check (char_length(recipient) <= 254),
  locale text not null,
  variables jsonb not null,
  challenge_id uuid,
  intent text not null check (char_length(intent) <= 200),
  message_ref text,
  provider_ref text,
  status text not null default 'queued' check (status in ('queued', 'sent', 'dead', 'suppressed', 'expired')),
  attempts integer not null default 0,
  next_attempt_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  last_error text,
  created_at timestamptz(3) not null default current_timestamp,
  sent_at timestamptz(3),
  constraint mail_messages_pkey primary key (tenant_id, id),
  constraint mail_messages_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  constraint mail_messages_tenant_id_challenge_id_fkey foreign key (tenant_id, challenge_id)
    references email_challenges (tenant_id, id) on delete cascade on update cascade
);
create unique index mail_messages_tenant_id_intent_key on mail_messages (tenant_id, intent);
create index mail_messages_tenant_id_status_next_attempt_at_idx on mail_messages (tenant_id, status, next_attempt_at);
create index mail_messages_tenant_id_challenge_id_idx on mail_messages (tenant_id, challenge_id);
create index mail_messages_tenant_id_created_at_id_idx on mail_messages (tenant_id, created_at desc, id desc);
create index mail_messages_tenant_id_sent_at_idx on mail_messages (tenant_id, sent_at);
create index mail_messages_tenant_id_message_ref_idx on mail_messages (tenant_id, message_ref);
create index mail_messages_tenant_id_provider_ref_idx on mail_messages (tenant_id, provider_ref);
alter table mail_messages enable row level security;
alter table mail_messages force row level security;
create policy own_tenant on mail_messages to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on mail_messages as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on mail_messages to tenantry_app;
grant select on mail_messages to tenantry_backup;

create table mail_templates (
  tenant_id uuid not null,
  kind text not null check (kind ~ '^[a-z][a-z-]{0,40}$'),
  locale text not null check (locale in ('pt', 'en', 'fr')),
  subject text not null check (char_length(subject) <= 200),
  body text not null check (char_length(body) <= 10000),
  broken_at timestamptz(3),
  updated_at timestamptz(3) not null default current_timestamp,
  constraint mail_templates_pkey primary key (tenant_id, kind, locale),
  constraint mail_templates_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
alter table mail_templates enable row level security;
alter table mail_templates force row level security;
create policy own_tenant on mail_templates to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on mail_templates as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on mail_templates to tenantry_app;
grant select on mail_templates to tenantry_backup;

create table mail_domains (
  tenant_id uuid not null,
  domain text not null check (domain ~ '^[a-z0-9.-]{1,253}$'),
  selector text not null check (selector ~ '^[a-z0-9-]{1,63}$'),
  public_key text not null,
  sealed_private text not null,
  created_at timestamptz(3) not null default current_timestamp,
  checked_at timestamptz(3),
  findings jsonb,
  constraint mail_domains_pkey primary key (tenant_id, domain),
  constraint mail_domains_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
alter table mail_domains enable row level security;
alter table mail_domains force row level security;
create policy own_tenant on mail_domains to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on mail_domains as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on mail_domains to tenantry_app;
grant select on mail_domains to tenantry_backup;

create table mail_suppressions (
  tenant_id uuid not null,
  email_key text not null check (char_length(email_key) <= 254),
  reason text not null check (reason in ('bounce', 'complaint', 'manual')),
  detail text not null default '' check (char_length(detail) <= 200),
  created_at timestamptz(3) not null default current_timestamp,
  constraint mail_suppressions_pkey primary key (tenant_id, email_key),
  constraint mail_suppressions_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
alter table mail_suppressions enable row level security;
alter table mail_suppressions force row level security;
create policy own_tenant on mail_suppressions to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on mail_suppressions as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on mail_suppressions to tenantry_app;
grant select on mail_suppressions to tenantry_backup;

alter table sites add column contact_email text check (char_length(contact_email) <= 254);
alter table brands add column logo_png bytea check (octet_length(logo_png) <= 65536);
alter table collections add column form boolean not null default false;
