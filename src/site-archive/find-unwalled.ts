import type pg from 'pg'
import { ownTenant } from '../db/prove-walls.ts'
import { carriedTables, leftBehind } from './travelling-tables.ts'

/** Not of one tenant alone: it belongs to the directory. */
const directory = new Set(['hosts'])

/** Tables of tenants in which this connection could read or write rows of another than the one it is bound to. */
export async function findUnwalled(owner: pg.Client): Promise<string[]> {
  const names = [...Object.keys(carriedTables), ...Object.keys(leftBehind)].filter((name) => !directory.has(name))
  const { rows } = await owner.query<{ name: string }>(
    `select c.relname::text as name from pg_class c join pg_roles me on me.rolname = current_user
     where c.relnamespace = 'public'::regnamespace and c.relname = any ($1) and (me.rolsuper or me.rolbypassrls or not c.relrowsecurity or not c.relforcerowsecurity
       or array(select p.polpermissive from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polroles = '{0}'
            and pg_get_expr(p.polqual, p.polrelid) = $2 and coalesce(pg_get_expr(p.polwithcheck, p.polrelid), $2) = $2 order by 1) <> array[false, true]
       or (select count(*) from pg_policy p where p.polrelid = c.oid) <> 2) order by 1`,
    [names, ownTenant],
  )
  return rows.map(({ name }) => name)
}
