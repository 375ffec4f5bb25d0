import pg from 'pg'
import { carriedAs, type Table } from './catalogue.ts'

/** Values as PostgreSQL writes them, which is what it reads again: numbers, times and JSON lose nothing on their way through here. */
export type Row = Record<string, string | null>

/** Rows at once: they may have a megabyte each. */
const batch = 50

const quoted = pg.escapeIdentifier

/** How both sides write values, whatever their server prefers. */
export const plainSettings = `select set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true),
  set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true), set_config('idle_in_transaction_session_timeout', '0', true)`

/** The tenant's rows of one table, each as a line of JSON, in the order of their keys; in a transaction. */
export async function* readRows(owner: pg.Client, table: Table, tenantId: string): AsyncGenerator<string[]> {
  const { blank = [] } = carriedAs(table)
  const columns = table.columns.map(({ name }) => `${blank.includes(name) ? 'null' : `t.${quoted(name)}::text`} as ${quoted(name)}`)
  const order = table.key.length > 0 ? ` order by ${table.key.map((name) => `t.${quoted(name)}`).join(', ')}` : ''
  await owner.query(
    `declare carried no scroll cursor for select row_to_json(r)::text as line from (select ${columns.join(', ')} from ${from(table)}${order}) r`,
    [tenantId],
  )
  for (;;) {
    const { rows } = await owner.query<{ line: string }>(`fetch ${batch} from carried`)
    if (rows.length > 0) yield rows.map(({ line }) => line)
    if (rows.length < batch) break
  }
  await owner.query('close carried')
}

export async function countRows(owner: pg.Client, table: Table, tenantId: string): Promise<number> {
  const { rows } = await owner.query<{ count: string }>(`select count(*) from ${from(table)}`, [tenantId])
  return Number(rows[0]?.count ?? 0)
}

/** Writes lines of `readRows` as rows of this tenant, whosever they were. */
export async function writeRows(owner: pg.Client, table: Table, { tenantId, lines }: { tenantId: string; lines: readonly string[] }): Promise<void> {
  const names = table.columns.map(({ name }) => quoted(name))
  const values = table.columns.map(({ name, type }) => `r.${quoted(name)}::${type}`)
  const shape = names.map((name) => `${name} text`)
  await owner.query(
    `insert into ${quoted(table.name)} (${['tenant_id', ...names].join(', ')})
     select ${['$1::uuid', ...values].join(', ')} from unnest($2::text[]) as given (line), json_to_record(given.line::json) as r (${shape.join(', ')})`,
    [tenantId, lines],
  )
}

export function readRow(line: string): Row {
  const row: unknown = JSON.parse(line)
  return Object.fromEntries(Object.entries(Object(row)).map(([name, value]) => [name, typeof value === 'string' ? value : null]))
}

/** The tenant is in the query and bound as well: where one of the two is wrong, an archive has no rows too many. */
function from(table: Table): string {
  const { only } = carriedAs(table)
  return `${quoted(table.name)} t where t.tenant_id = $1${only ? ` and ${only}` : ''}`
}
