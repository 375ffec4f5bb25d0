import type { PrismaClient } from './generated/client.ts'
import { migrationNames } from './migrate.ts'
import { appRole } from './roles.ts'

/** Tables that hold no tenant's rows; the app role can read them and do nothing else. Every other table has to be walled. */
export const directoryTables: readonly string[] = ['_prisma_migrations', 'hosts', 'tenants']

/** The expression of DESIGN §5, as PostgreSQL prints it. */
export const ownTenant = "(tenant_id = ( SELECT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid AS \"nullif\"))"

type Queryable = Pick<PrismaClient, '$queryRaw'>

export class WallError extends Error {
  override name = 'WallError'
  constructor(breaches: readonly string[]) {
    super(`The database does not keep tenants apart, so nothing is served:\n${breaches.map((breach) => `  ${breach}`).join('\n')}`)
  }
}

/**
 * Proves on the very connections the service uses that a query without a tenant sees nothing and that no setting lets one see more:
 * role flags, ownership, policies and grants of every table in the schema. Throws WallError with every breach found.
 */
export async function proveWalls(db: Queryable): Promise<void> {
  const missing = await missingMigrations(db)
  if (missing.length > 0) throw new WallError([`${missing.length} migrations are not applied (${missing[0]} …): run "tenantry migrate"`])
  const breaches = [...(await roleBreaches(db)), ...(await tableBreaches(db)), ...(await otherDoors(db))]
  if (breaches.length > 0) throw new WallError(breaches)
}

async function missingMigrations(db: Queryable): Promise<string[]> {
  const [{ table }] = await db.$queryRaw<[{ table: string | null }]>`select to_regclass('public._prisma_migrations')::text as table`
  if (!table) return migrationNames()
  const rows = await db.$queryRaw<
    { name: string }[]
  >`select migration_name as name from public._prisma_migrations where finished_at is not null and rolled_back_at is null`
  const applied = new Set(rows.map(({ name }) => name))
  return (await migrationNames()).filter((name) => !applied.has(name))
}

async function roleBreaches(db: Queryable): Promise<string[]> {
  const [role] = await db.$queryRaw<
    { name: string; superuser: boolean; bypass: boolean; powerful: boolean; tenant: string | null; owned: string[]; beyond: string[] }[]
  >`
    select rolname as name, rolsuper as superuser, rolbypassrls as bypass, rolcreaterole or rolreplication as powerful, nullif(current_setting('app.tenant_id', true), '') as tenant,
      array(select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and pg_has_role(current_user, c.relowner, 'member')) as owned,
      array(select r.rolname::text from pg_roles r where (r.rolsuper or r.rolbypassrls or r.rolname like 'pg\\_%') and r.rolname <> current_user
        and pg_has_role(current_user, r.oid, 'member')) as beyond
    from pg_roles where rolname = current_user`
  if (!role) return ['the current role cannot be read']
  return [
    ...(role.name === appRole
      ? []
      : [`queries run as ${role.name}, not as ${appRole}: let the login of DATABASE_URL take that role, and set no "options" in the URL`]),
    ...(role.superuser ? [`${role.name} is a superuser, which no policy binds`] : []),
    ...(role.bypass ? [`${role.name} has BYPASSRLS`] : []),
    ...(role.powerful ? [`${role.name} may make roles or replicate, and so reach past every policy`] : []),
    ...(role.owned.length > 0 ? [`${role.name} owns, or may act for the owner of ${role.owned.slice(0, 3).join(', ')}`] : []),
    ...(role.beyond.length > 0 ? [`${role.name} may become ${role.beyond.join(', ')}, which no policy binds`] : []),
    ...(role.tenant === null ? [] : ['a tenant is set on a connection that serves none']),
  ]
}

interface TableRow {
  name: string
  secured: boolean
  forced: boolean
  permissive: (string | null)[]
  restrictive: (string | null)[]
  odd: string[]
  keys: string[]
  grants: string[]
}

/** Reads the catalogue once. What an extension brought is not ours and holds no tenant's rows. */
async function tableBreaches(db: Queryable): Promise<string[]> {
  const tables = await db.$queryRaw<TableRow[]>`
    select c.relname::text as name, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
      array(select pg_get_expr(p.polqual, p.polrelid) from pg_policy p where p.polrelid = c.oid and p.polpermissive) as permissive,
      array(select pg_get_expr(p.polqual, p.polrelid) from pg_policy p where p.polrelid = c.oid and not p.polpermissive) as restrictive,
      array(select p.polname::text from pg_policy p where p.polrelid = c.oid and (p.polcmd <> '*' or p.polroles <> '{0}'
        or pg_get_expr(p.polqual, p.polrelid) is distinct from pg_get_expr(p.polwithcheck, p.polrelid))) as odd,
      array(select o.conname::text from pg_constraint o where o.conrelid = c.oid and o.contype in ('p', 'u', 'f')
        and (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = o.conkey[1]) is distinct from 'tenant_id'
        union all
        select x.indexrelid::regclass::text from pg_index x where x.indrelid = c.oid and x.indisunique
        and (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = x.indkey[0]) is distinct from 'tenant_id') as keys,
      array(select privilege from unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) privilege
        where case when privilege in ('insert', 'update', 'references') then has_any_column_privilege(c.oid, privilege)
          else has_table_privilege(c.oid, privilege) end) as grants
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') order by c.relname`
  return tables.flatMap((table) => (directoryTables.includes(table.name) ? directoryBreaches(table) : tenantBreaches(table)))
}

function directoryBreaches({ name, grants }: TableRow): string[] {
  return grants.length > 0 ? [`${name} is read by every tenant, and the app role may also ${grants.join(', ')} there`] : []
}

function tenantBreaches({ name, secured, forced, permissive, restrictive, odd, keys, grants }: TableRow): string[] {
  const whole = (list: (string | null)[]) => list.length === 1 && list[0] === ownTenant
  return [
    ...(secured ? [] : [`${name} has row-level security off`]),
    ...(forced ? [] : [`${name} does not force row-level security on its owner`]),
    ...(whole(permissive) && whole(restrictive) ? [] : [`${name} has other policies than the two that every tenant table has`]),
    ...odd.map((policy) => `policy ${policy} of ${name} covers not every command, every role, or checks writes by another rule`),
    ...keys.map((key) => `${key} of ${name} does not start with tenant_id`),
    ...grants.filter((grant) => !allowedGrants(name).includes(grant)).map((grant) => `the app role may ${grant} ${name}`),
  ]
}

/** The service adds rows there. Could it change them, they would prove nothing. */
const appendOnlyTables = ['audit_events']

function allowedGrants(name: string): string[] {
  return appendOnlyTables.includes(name) ? ['insert'] : ['insert', 'update', 'delete']
}

/** Views that run as their owner, definer functions with an open search path or open to everybody, sequences: ways around a policy. */
async function otherDoors(db: Queryable): Promise<string[]> {
  const rows = await db.$queryRaw<{ breach: string }[]>`
    with classes as (
      select * from pg_class c where c.relnamespace = 'public'::regnamespace
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    ), definers as (
      select * from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
        and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
    )
    select 'view ' || relname || ' runs as its owner: it needs security_invoker' as breach from classes
      where relkind = 'v' and not coalesce('security_invoker=true' = any (reloptions), false)
    union all select 'materialised view ' || relname || ' keeps rows that no policy guards' from classes where relkind = 'm'
    union all select 'foreign table ' || relname || ' holds rows that no policy guards' from classes where relkind = 'f'
    union all select 'sequence ' || relname || ' counts for all tenants, and the app role may use it' from classes
      where case relkind when 'S' then has_sequence_privilege(oid, 'usage, select, update') end
    union all select 'function ' || proname || ' runs as its owner and pins no search_path' from definers
      where not coalesce(proconfig::text like '%search_path=%', false)
    union all select 'function ' || proname || ' runs as its owner and anybody may call it' from definers
      where has_function_privilege('public', oid, 'execute')
    union all select 'function ' || proname || ' runs as its owner and the app role may call it' from definers
      where has_function_privilege(current_user, oid, 'execute')
    union all select 'function ' || proname || ' runs as ' || owner.rolname || ', which no policy binds' from definers join pg_roles owner on owner.oid = proowner
      where (owner.rolsuper or owner.rolbypassrls) and has_function_privilege(definers.oid, 'execute')
    union all select 'trigger ' || t.tgname || ' of ' || relname || ' is disabled' from classes join pg_trigger t on t.tgrelid = classes.oid
      where t.tgenabled not in ('O', 'A')
    union all select 'rule ' || r.rulename || ' of ' || relname || ' rewrites what is asked' from classes join pg_rewrite r on r.ev_class = classes.oid
      where relkind in ('r', 'p')
    union all select relname || ' points to no tenant: its foreign keys are gone' from classes
      where relkind in ('r', 'p') and relname::text <> all (array['tenants', '_prisma_migrations'])
        and not exists (select from pg_constraint o where o.conrelid = classes.oid and o.contype = 'f')
    union all select 'the app role may create objects in the schema' where has_schema_privilege('public', 'create')`
  return [...rows.map(({ breach }) => breach), ...(await otherSchemas(db))]
}

/** The service keeps everything in one schema: what the app role can reach in another is a way around, unless an extension brought it. */
async function otherSchemas(db: Queryable): Promise<string[]> {
  const rows = await db.$queryRaw<{ breach: string }[]>`
    with others as (
      select oid, nspname from pg_namespace
      where nspname not in ('public', 'information_schema') and nspname not like 'pg\\_%' and has_schema_privilege(oid, 'usage')
    )
    select 'the app role can reach ' || nspname || '.' || c.relname || ', which no policy guards' as breach
      from others join pg_class c on c.relnamespace = others.oid
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relrowsecurity and has_any_column_privilege(c.oid, 'select, insert, update')
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    union all select 'the app role may call ' || nspname || '.' || p.proname || ', which runs as its owner'
      from others join pg_proc p on p.pronamespace = others.oid
      where p.prosecdef and has_function_privilege(p.oid, 'execute')
        and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')`
  return rows.map(({ breach }) => breach)
}
