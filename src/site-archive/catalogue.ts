import type pg from 'pg'
import { type Carried, carriedTables } from './travelling-tables.ts'

export interface Column {
  name: string
  /** As PostgreSQL writes it, with its modifier. */
  type: string
}

export interface Table {
  name: string
  /** Without the tenant and without what the database makes itself. */
  columns: readonly Column[]
  /** Columns of the primary key, without the tenant. */
  key: readonly string[]
}

interface Row extends Table {
  /** Tables that its rows point to. */
  parents: readonly string[]
}

/** The tables that travel, as this database has them; what others point to comes first. */
export async function readCatalogue(owner: pg.Client): Promise<Table[]> {
  const { rows } = await owner.query<Row>(
    `select c.relname::text as name,
       (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attname <> 'tenant_id') as columns,
       array(select a.attname::text from pg_constraint o cross join unnest(o.conkey) with ordinality as part (num, at)
        join pg_attribute a on a.attrelid = o.conrelid and a.attnum = part.num
        where o.conrelid = c.oid and o.contype = 'p' and a.attname <> 'tenant_id' order by part.at) as key,
       array(select distinct p.relname::text from pg_constraint o join pg_class p on p.oid = o.confrelid
        where o.conrelid = c.oid and o.contype = 'f' and o.confrelid <> c.oid) as parents
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname = any ($1) order by c.relname`,
    [Object.keys(carriedTables)],
  )
  return parentsFirst(rows).map(({ name, columns, key }) => ({ name, columns: columns ?? [], key }))
}

export function parentsFirst(rows: readonly Row[]): Row[] {
  const sorted: Row[] = []
  let waiting = [...rows]
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ name }) => name))
    const free = waiting.filter(({ name, parents }) => ![...parents, ...(carriedTables[name]?.after ?? [])].some((parent) => names.has(parent)))
    if (free.length === 0) throw new TypeError(`tables point to each other in a circle: ${[...names].join(', ')}`)
    sorted.push(...free)
    waiting = waiting.filter((row) => !free.includes(row))
  }
  return sorted
}

/** How a table is told from one of another release: two that have the same words hold the same. */
export function shapeOf({ columns }: Pick<Table, 'columns'>): string[] {
  return columns.map(({ name, type }) => `${name} ${type}`).sort()
}

export function carriedAs({ name }: Pick<Table, 'name'>): Carried {
  return carriedTables[name] ?? {}
}

/** The newest migration of the database: two databases with the same one have the same tables. */
export async function migrationHead(owner: pg.Client): Promise<{ head: string; applied: ReadonlySet<string> }> {
  const { rows } = await owner.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null order by 1',
  )
  return { head: rows.at(-1)?.name ?? '', applied: new Set(rows.map(({ name }) => name)) }
}
