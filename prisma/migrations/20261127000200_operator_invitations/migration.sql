set local role tenantry_owner;

-- The hub invites the first owner of a site, and its own operators: then no member does. Under what name it does so; the release before takes such an
-- invitation for one whose inviter is gone, which it lets nobody accept.
alter table invitations add column operator_name text check (char_length(operator_name) between 1 and 200);
