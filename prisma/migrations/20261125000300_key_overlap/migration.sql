set local role tenantry_owner;

-- A key is published before it signs: `activates_at` of the next one is `retired_at` of the one before, and both may lie ahead. The one row without
-- `retired_at` is the newest.
alter table signing_keys add column activates_at timestamptz(3) not null default current_timestamp;

-- What is there has signed since it was made. While the policies are forced, the owner would see no row to say so of.
alter table signing_keys no force row level security;
update signing_keys set activates_at = created_at;
alter table signing_keys force row level security;
