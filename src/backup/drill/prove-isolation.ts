import pg from 'pg'
import { directoryTables } from '../../db/prove-walls.ts'
import { appRole, backupRole } from '../../db/roles.ts'

/** Rows by site. */
type Counts = ReadonlyMap<string, number>

/**
 * Asks, as the service's own role, for every row of every tenant table: without a site there are none, and bound to one there are its own, no more and no
 * fewer than the backup role counts. Answers what did not hold.
 */
export async function proveIsolation(databaseUrl: string): Promise<string[]> {
  const [control, app] = [connectAs(databaseUrl, backupRole), connectAs(databaseUrl, appRole)]
  try {
    await Promise.all([control.connect(), app.connect()])
    const { rows: tables } = await control.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all ($1) order by 1`,
      [directoryTables],
    )
    const sites = await twoOf(control)
    const faults = sites.length < 2 ? ['fewer than two sites are there, so that nothing could be seen of another'] : []
    if (tables.length === 0) faults.push('there is no table of sites')
    let others = 0
    for (const { name } of tables) {
      const counts = await countBySite(control, name)
      faults.push(...(await unboundFaults(app, name)))
      for (const site of sites) faults.push(...(await boundFaults(app, { name, site, wanted: counts.get(site) ?? 0 })))
      others += [...counts].filter(([site]) => site !== sites[0]).reduce((sum, [, count]) => sum + count, 0)
    }
    return others > 0 || faults.length > 0 ? faults : ['no other site has a row, so that nothing could be seen of it']
  } finally {
    await Promise.all([control.end(), app.end()])
  }
}

function connectAs(databaseUrl: string, role: string): pg.Client {
  return new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000, options: `-c role=${role}` })
}

/** The oldest site and the newest. */
async function twoOf(control: pg.Client): Promise<string[]> {
  const { rows } = await control.query<{ id: string }>(
    '(select id from public.tenants order by created_at, id limit 1) union (select id from public.tenants order by created_at desc, id desc limit 1)',
  )
  return rows.map(({ id }) => id)
}

async function countBySite(control: pg.Client, name: string): Promise<Counts> {
  const { rows } = await control.query<{ site: string; count: string }>(
    `select tenant_id as site, count(*) as count from public.${control.escapeIdentifier(name)} group by 1`,
  )
  return new Map(rows.map(({ site, count }) => [site, Number(count)]))
}

async function unboundFaults(app: pg.Client, name: string): Promise<string[]> {
  await app.query("select set_config('app.tenant_id', '', false)")
  const { rows } = await app.query<{ count: string }>(`select count(*) as count from public.${app.escapeIdentifier(name)}`)
  return Number(rows[0]?.count) === 0 ? [] : [`${name} shows ${rows[0]?.count} rows to a query without a site`]
}

async function boundFaults(app: pg.Client, { name, site, wanted }: { name: string; site: string; wanted: number }): Promise<string[]> {
  await app.query("select set_config('app.tenant_id', $1, false)", [site])
  const { rows } = await app.query<{ own: string; others: string }>(
    `select count(*) filter (where tenant_id = $1) as own, count(*) filter (where tenant_id <> $1) as others from public.${app.escapeIdentifier(name)}`,
    [site],
  )
  const [own, others] = [Number(rows[0]?.own), Number(rows[0]?.others)]
  return [
    ...(others === 0 ? [] : [`${name} shows ${others} rows of others to site ${site}`]),
    ...(own === wanted ? [] : [`${name} shows ${own} of its own ${wanted} rows to site ${site}`]),
  ]
}
