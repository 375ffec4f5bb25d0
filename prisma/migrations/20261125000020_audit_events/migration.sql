set local role tenantry_owner;

-- Who did what to whom, from where. The service adds rows and reads them; it can neither change nor remove one. Ids are of version 7, so they order by time.
create table audit_events (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  action text not null check (action ~ '^[a-z-]+\.[a-z-]+$' and char_length(action) <= 60),
  actor_kind text not null check (actor_kind in ('member', 'api-key', 'operator', 'visitor', 'system')),
  actor uuid,
  -- The member as whom an operator acted.
  acting_as uuid,
  target_kind text check (target_kind ~ '^[a-z-]+$' and char_length(target_kind) <= 40),
  target text check (char_length(target) <= 200),
  address text not null default '' check (char_length(address) <= 45),
  user_agent text not null default '' check (char_length(user_agent) <= 400),
  request uuid,
  details jsonb not null default '{}',
  constraint audit_events_pkey primary key (tenant_id, id),
  constraint audit_events_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade on update cascade
);
create index audit_events_tenant_id_action_id_idx on audit_events (tenant_id, action, id);
create index audit_events_tenant_id_actor_id_idx on audit_events (tenant_id, actor, id);
create index audit_events_tenant_id_target_id_idx on audit_events (tenant_id, target, id);
alter table audit_events enable row level security;
alter table audit_events force row level security;
create policy own_tenant on audit_events to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on audit_events as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on audit_events to tenantry_app;
grant select on audit_events to tenantry_backup;
