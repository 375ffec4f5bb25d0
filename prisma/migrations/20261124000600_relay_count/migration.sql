set local role tenantry_owner;

-- What the platform's account has sent today for sites without one of their own: no site can count that of the others.
alter table mail_accounts
  add column relayed integer not null default 0,
  add column relayed_on date;
