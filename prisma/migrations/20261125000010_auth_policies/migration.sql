set local role tenantry_owner;

-- How people get into a site. Without a row the defaults hold.
create table auth_policies (
  tenant_id uuid not null,
  sign_up text not null default 'open' check (sign_up in ('open', 'invitation', 'domain', 'closed')),
  sign_up_domains text[] not null default '{}' check (cardinality(sign_up_domains) <= 100),
  second_factor text not null default 'optional' check (second_factor in ('off', 'optional', 'staff', 'required')),
  mailed_sign_in boolean not null default true,
  passkeys boolean not null default true,
  password_length integer not null default 10 check (password_length between 8 and 128),
  captcha_provider text not null default 'none' check (captcha_provider in ('none', 'turnstile', 'hcaptcha')),
  captcha_site_key text not null default '' check (char_length(captcha_site_key) <= 200),
  sealed_captcha_secret text,
  updated_at timestamptz(3) not null default current_timestamp,
  constraint auth_policies_pkey primary key (tenant_id),
  constraint auth_policies_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade,
  check (sign_up <> 'domain' or cardinality(sign_up_domains) > 0),
  check (captcha_provider = 'none' or (captcha_site_key <> '' and sealed_captcha_secret is not null))
);
alter table auth_policies enable row level security;
alter table auth_policies force row level security;
create policy own_tenant on auth_policies to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on auth_policies as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on auth_policies to tenantry_app;
grant select on auth_policies to tenantry_backup;
call watch_table('auth_policies');
