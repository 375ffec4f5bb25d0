-- An export says of which migration its rows are, and is read as the owner. The table is there unless somebody runs this file by hand.
do $$
begin
  if to_regclass('public._prisma_migrations') is not null then
    grant select on public._prisma_migrations to tenantry_owner;
  end if;
end
$$;
