import { test } from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { Prisma } from '../../src/db/generated/client.ts'
import { proveWalls, WallError } from '../../src/db/prove-walls.ts'
import { createTestDatabase } from '../database.ts'
import { failuresOf, runMatrix } from './isolation-matrix.ts'
import { checkKeys } from './key-matrix.ts'
import { addRows } from './tenant-rows.ts'

const ownTenant = "tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)"

const shortKey = `alter table members add constraint members_id unique (id);
  alter table passwords drop constraint passwords_tenant_id_member_id_fkey,
    add constraint passwords_member_id_fkey foreign key (member_id) references members (id) on delete cascade`

/** What a hurried migration might do, and what the server has to say about it at its start. */
const mutations: Record<string, { sql: string; breach: RegExp }> = {
  'without row-level security': { sql: 'alter table members disable row level security', breach: /members .*row-level security/ },
  'without FORCE': { sql: 'alter table members no force row level security', breach: /members does not force/ },
  'without the permissive policy': { sql: 'drop policy own_tenant on members', breach: /members has other policies/ },
  'without the restrictive policy': { sql: 'drop policy own_tenant_only on members', breach: /members has other policies/ },
  'with a policy that lets everything through': { sql: 'create policy stray on members using (true)', breach: /members has other policies/ },
  'with a policy that lets one command through': { sql: 'create policy stray on members for select using (true)', breach: /stray of members/ },
  'with a policy that does not check writes': { sql: 'alter policy own_tenant on members with check (true)', breach: /own_tenant of members/ },
  'with a policy for some roles': { sql: 'alter policy own_tenant_only on members to tenantry_backup', breach: /own_tenant_only of members/ },
  'with another reading of the setting': {
    sql: `alter policy own_tenant on members using (tenant_id = current_setting('app.tenant_id')::uuid)`,
    breach: /members has other policies/,
  },
  'with a foreign key of one column': {
    sql: shortKey,
    breach: /passwords_member_id_fkey of passwords does not start with tenant_id/,
  },
  'with a unique index over all tenants': { sql: 'create unique index members_email on members (email_key)', breach: /members_email of members/ },
  'with a right to truncate': { sql: 'grant truncate on members to tenantry_app', breach: /may truncate members/ },
  'with a right to rewrite the audit log': { sql: 'grant update on audit_events to tenantry_app', breach: /may update audit_events/ },
  'with a right to cut the audit log': { sql: 'grant delete on audit_events to tenantry_app', breach: /may delete audit_events/ },
  'with a right to write the directory': { sql: 'grant insert on tenants to tenantry_app', breach: /tenants .*insert/ },
  'with a right on one column of the directory': { sql: 'grant update (status) on tenants to tenantry_app', breach: /tenants .*update/ },
  'with a table of the service’s own': { sql: 'alter table members owner to tenantry_app', breach: /tenantry_app owns.* members/ },
  'with a table without a wall': { sql: 'create table notes (tenant_id uuid not null, body text)', breach: /notes .*row-level security/ },
  'with a view that runs as its owner': { sql: 'create view everybody as select * from members', breach: /view everybody/ },
  'with a sequence': { sql: 'create sequence invoices; grant usage on sequence invoices to tenantry_app', breach: /sequence invoices/ },
  'with a right to create': { sql: 'grant create on schema public to tenantry_app', breach: /may create objects/ },
  'with a materialised view': { sql: 'create materialized view everybody as select * from members', breach: /view everybody/ },
  'with a definer function that pins no search path': {
    sql: 'create function peek() returns bigint language sql security definer as $$ select count(*) from members $$; revoke all on function peek() from public',
    breach: /function peek .*search_path/,
  },
  'with a definer function that anybody may call': {
    sql: 'create function peek() returns bigint language sql security definer set search_path = public as $$ select count(*) from members $$',
    breach: /function peek .*anybody/,
  },
  'with a definer function of a superuser': {
    sql: `create function peek() returns bigint language sql security definer set search_path = public as $$ select count(*) from members $$;
      revoke all on function peek() from public; grant execute on function peek() to tenantry_app`,
    breach: /function peek runs as postgres/,
  },
  'with a table in another schema': {
    sql: 'create schema side; grant usage on schema side to tenantry_app; create table side.copy (body text); grant select on side.copy to tenantry_app',
    breach: /can reach side\.copy/,
  },
  'with a definer function in another schema': {
    sql: `create schema side; grant usage on schema side to tenantry_app;
      create function side.peek() returns bigint language sql security definer set search_path = public as $$ select count(*) from members $$`,
    breach: /may call side\.peek/,
  },
  'without a foreign key': {
    sql: 'alter table entries drop constraint entries_tenant_id_collection_id_fkey',
    breach: /entries points to no tenant/,
  },
  'with a trigger that is off': { sql: 'alter table members disable trigger members_announce', breach: /members_announce of members is disabled/ },
  'with a rule': { sql: 'create rule lost as on update to entries do instead nothing', breach: /rule lost of entries/ },
  'without a migration': { sql: `delete from _prisma_migrations where migration_name like '%content'`, breach: /migrations are not applied/ },
}

test('the walls of a migrated database stand', async (t) => {
  const database = await createTestDatabase(t)
  await t.resolves(proveWalls(database.open().directory))
})

test('a database that lost a wall is not served', async (t) => {
  const { directory } = (await createTestDatabase(t)).open()
  for (const [name, { sql, breach }] of Object.entries(mutations)) {
    // Broken, looked at and rolled back, on one connection whose login is a superuser.
    const looked = directory.$transaction(async (tx) => {
      await tx.$executeRaw`set local role none`
      for (const statement of sql.split(';')) await tx.$executeRaw(Prisma.raw(statement))
      await tx.$executeRaw`set local role tenantry_app`
      throw await proveWalls(tx).catch((error: unknown) => error)
    })
    const refusal = await looked.catch((error: unknown) => error)
    t.ok(refusal instanceof WallError, `${name}: the start is refused`)
    t.match(refusal, { message: breach }, name)
  }
  await t.resolves(proveWalls(directory), 'nothing of it stayed')
})

test('a view that asks as its reader, a definer function that is pinned and granted, and an extension are no breach', async (t) => {
  const database = await createTestDatabase(t)
  await database.owner.query(`
    create view own_members with (security_invoker = true) as select * from members;
    create function now_utc() returns timestamptz language sql security definer set search_path = pg_catalog as $$ select now() $$;
    revoke all on function now_utc() from public;
    create extension pg_stat_statements`)
  await t.resolves(proveWalls(database.open().directory))
})

test('a URL that keeps the login’s own role is not served', async (t) => {
  const database = await createTestDatabase(t)
  const db = openDatabase({ url: `${database.url}?options=-c%20role%3Dpostgres`, mode: 'session', max: 1, onError: () => {} })
  t.teardown(() => db.close())
  const [{ role } = { role: '' }] = await db.directory.$queryRaw<{ role: string }[]>`select current_user::text as role`
  if (role === 'tenantry_app') await t.resolves(proveWalls(db.directory), 'the service’s own options win')
  else await t.rejects(proveWalls(db.directory), /postgres/)
})

/** The same faults, but asked of the tests: each has to turn the isolation suite red. */
const blindSpots: Record<string, { sql: string; failure: RegExp }> = {
  'a dropped policy': { sql: 'drop policy own_tenant on members', failure: /select of members as its tenant finds the row/ },
  'row-level security off': { sql: 'alter table sessions disable row level security', failure: /select of sessions as nobody/ },
  'FORCE off': { sql: 'alter table entries no force row level security', failure: /entries as the owner of the tables/ },
  'a policy that lets everything through': {
    sql: `drop policy own_tenant_only on roles; create policy stray on roles using (true)`,
    failure: /select of roles as another tenant/,
  },
  'writes unchecked': {
    sql: `drop policy own_tenant_only on roles; alter policy own_tenant on roles using (${ownTenant}) with check (true)`,
    failure: /insert into roles as nobody/,
  },
  'a missing composite key': {
    sql: 'alter table entries drop constraint entries_tenant_id_collection_id_fkey',
    failure: /entries.collection_id takes no row of another tenant/,
  },
  'a foreign key of one column': { sql: shortKey, failure: /passwords.member_id takes no row of another tenant/ },
}

for (const [name, { sql, failure }] of Object.entries(blindSpots)) {
  test(`${name} turns the isolation suite red`, async (t) => {
    const { owner, open, addTenant } = await createTestDatabase(t)
    const [a, b] = [await addTenant(), await addTenant()]
    await addRows(owner, a.id)
    await addRows(owner, b.id)
    await owner.query(sql)
    const cells = [...(await checkKeys(owner, { from: b.id, to: a.id })), ...(await runMatrix({ owner, pool: open().pool, own: a.id, other: b.id }))]
    t.match(failuresOf(cells).join('\n'), failure)
  })
}
