import type pg from 'pg'
import { type Cell, outcomeOf } from './isolation-matrix.ts'
import { tenantTables } from './tenant-rows.ts'

interface ForeignKey {
  name: string
  target: string
  columns: string[]
}

/** For every column that refers to another row: the key behind it holds the tenant, and the database refuses a reference across. */
export async function checkKeys(owner: pg.Client, { from, to }: { from: string; to: string }): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const table of await tenantTables(owner)) {
    const keys = await foreignKeys(owner, table)
    const bare = keys.filter(({ columns }) => columns[0] !== 'tenant_id').map(({ name }) => name)
    cells.push(cell(`${table} refers to other rows by keys that begin with tenant_id`, keys.length > 0 && bare.length === 0, bare.join()))
    for (const column of await references(owner, table)) {
      cells.push(
        cell(
          `${table}.${column} is part of a foreign key`,
          keys.some(({ columns }) => columns.includes(column)),
          'it is in none',
        ),
      )
      // As superuser: no policy takes part, so what refuses is the key.
      const outcome = await outcomeOf(() => owner.query(`update ${table} set ${column} = $1 where tenant_id = $2`, [to, from]))
      cells.push(
        cell(`${table}.${column} takes no row of another tenant`, 'refused' in outcome && outcome.refused === '23503', JSON.stringify(outcome)),
      )
    }
    const openKeys = await uniqueWithoutTenant(owner, table)
    cells.push(cell(`unique keys of ${table} begin with tenant_id`, openKeys.length === 0, openKeys.join()))
  }
  return cells
}

async function foreignKeys(owner: pg.Client, table: string): Promise<ForeignKey[]> {
  const { rows } = await owner.query<ForeignKey>(
    `select conname as name, confrelid::regclass::text as target,
       array(select attname::text from unnest(conkey) with ordinality k (num, at) join pg_attribute on attrelid = conrelid and attnum = num order by at) as columns
     from pg_constraint where contype = 'f' and conrelid = $1::regclass`,
    [table],
  )
  return rows
}

/** By our naming every column that ends in _id, the row's own id and its tenant apart, refers to another row. */
async function references(owner: pg.Client, table: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select attname::text as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
       and attname like '%\\_id' and attname <> 'tenant_id' order by attnum`,
    [table],
  )
  return rows.map(({ name }) => name)
}

async function uniqueWithoutTenant(owner: pg.Client, table: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select indexrelid::regclass::text as name from pg_index
     where indrelid = $1::regclass and indisunique and indkey[0] is distinct from
       (select attnum from pg_attribute where attrelid = indrelid and attname = 'tenant_id')`,
    [table],
  )
  return rows.map(({ name }) => name)
}

function cell(title: string, sound: boolean, failure: string): Cell {
  return sound ? { title } : { title, failure }
}
