-- The engine makes its table as the login that migrates, which a dump then names as its owner, and which no other server has. The login goes on writing
-- there: it is a member of the role. The table is there unless somebody runs this file by hand.
do $$
begin
  if to_regclass('public._prisma_migrations') is not null then
    alter table public._prisma_migrations owner to tenantry_owner;
  end if;
end
$$;
