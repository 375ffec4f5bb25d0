set local role tenantry_owner;

-- Which entries use which media. A file that an entry uses cannot be removed, and the key sees to it that none of two who are at it at once wins
-- against the other: either the file stays, or the entry is not written.
create table media_references (
  tenant_id uuid not null,
  media_id uuid not null,
  entry_id uuid not null,
  constraint media_references_pkey primary key (tenant_id, media_id, entry_id),
  -- Checked at the end of the transaction, so that a whole site can go at once.
  constraint media_references_tenant_id_media_id_fkey foreign key (tenant_id, media_id) references media (tenant_id, id)
    on delete no action on update cascade deferrable initially deferred,
  constraint media_references_tenant_id_entry_id_fkey foreign key (tenant_id, entry_id) references entries (tenant_id, id)
    on delete cascade on update cascade
);
create index media_references_tenant_id_entry_id_idx on media_references (tenant_id, entry_id);
alter table media_references enable row level security;
alter table media_references force row level security;
create policy own_tenant on media_references to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own_tenant_only on media_references as restrictive to public
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on media_references to tenantry_app;
grant select on media_references to tenantry_backup;

-- Wherever in an entry an id stands, alone or in an address. What visitors send in holds nothing: anybody could keep a file from being removed.
create function refer_to_media() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    delete from public.media_references r where r.tenant_id = new.tenant_id and r.entry_id = new.id;
  end if;
  insert into public.media_references (tenant_id, media_id, entry_id)
    select distinct m.tenant_id, m.id, new.id
    from regexp_matches(new.data::text, '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'gi') as found (word)
    join public.media m on m.tenant_id = new.tenant_id and m.id = found.word[1]::uuid
    where not exists (select from public.collections c where c.tenant_id = new.tenant_id and c.id = new.collection_id and c.form);
  return null;
end
$$;
revoke all on function refer_to_media() from public;
create trigger entries_refer_to_media after insert or update of data, collection_id on entries for each row execute function refer_to_media();
