set local role tenantry_owner;

-- What whoever invites calls the invited, who finds it filled in and may change it. The release before leaves it empty.
alter table invitations add column name text check (char_length(name) between 1 and 200);
