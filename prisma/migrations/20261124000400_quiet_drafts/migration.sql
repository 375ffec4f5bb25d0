set local role tenantry_owner;

-- What nobody sees changes nothing that is kept in memory: a message that somebody sends in is a draft, and a site that gets a hundred of them would
-- otherwise answer every visitor from the database. Entries raise their site's version when they are published, before or after the change.
drop trigger bump_version_on_insert on entries;
drop trigger bump_version_on_update on entries;
drop trigger bump_version_on_delete on entries;

create function bump_version_of_published() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.tenants set version = version + 1 where id in (select tenant_id from changed where status = 'published');
  return null;
end
$$;

create function bump_version_of_published_before_or_after() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.tenants set version = version + 1 where id in (
    select tenant_id from changed where status = 'published' union all select tenant_id from former where status = 'published');
  return null;
end
$$;

create trigger bump_version_on_insert after insert on entries
  referencing new table as changed for each statement execute function bump_version_of_published();
create trigger bump_version_on_update after update on entries
  referencing old table as former new table as changed for each statement execute function bump_version_of_published_before_or_after();
create trigger bump_version_on_delete after delete on entries
  referencing old table as changed for each statement execute function bump_version_of_published();

revoke all on function bump_version_of_published(), bump_version_of_published_before_or_after() from public;
