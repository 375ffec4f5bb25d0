set local role tenantry_owner;

-- Staff look for members by the beginning of a name or address. LIKE and lower() are not leakproof, so under row-level security no index serves them;
-- comparisons by bytes are, over a column that is in lower case already. Written by the database, so that no flow can forget it.
alter table members add column name_key text generated always as (lower(name collate pg_c_utf8)) stored;
create index members_tenant_id_name_key_idx on members (tenant_id, name_key collate "C");
create index members_tenant_id_email_key_idx on members (tenant_id, email_key collate "C");
