set local role tenantry_owner;

-- A member who asked to be erased: nobody signs in any more, and until then the account can be kept.
alter table members
  drop constraint members_status_check,
  add constraint members_status_check check (status in ('active', 'deactivated', 'closing')),
  add constraint members_closing_check check (status <> 'closing' or erase_at is not null);
