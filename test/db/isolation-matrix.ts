import type pg from 'pg'
import { ownerRole } from '../../src/db/roles.ts'
import { runAsTenant } from '../../src/db/tenant-context.ts'
import { appendOnlyTables, insertion, tenantTables } from './tenant-rows.ts'

/** One question put to the database; `failure` says how the answer differs from the one that keeps tenants apart. */
export interface Cell {
  title: string
  failure?: string
}

export interface MatrixInput {
  owner: pg.Client
  pool: pg.Pool
  /** Whose row is asked for; it has one row in every table. */
  own: string
  other: string
}

interface Identity {
  name: string
  attempt(statement: string, values?: unknown[]): Promise<Outcome>
  /** SQLSTATEs by which a write may be refused. */
  refusals: string[]
}

/** Rows read or written, or the SQLSTATE of the refusal. */
type Outcome = { rows: number } | { refused: string }

/** Every tenant table × select, update, delete, insert × everybody who may ask. Leaves the rows as they were. */
export async function runMatrix(input: MatrixInput): Promise<Cell[]> {
  const tables = await tenantTables(input.owner)
  const cells: Cell[] = []
  for (const table of tables) cells.push(...(await whileTheRowExists(input, table)))
  // Children first, so that no foreign key stands in the way of the tenant's own delete; then back again.
  for (const table of tables.toReversed()) cells.push(await ownDelete(input, table))
  for (const table of tables) cells.push(...(await insertions(input, table)))
  return cells
}

export function failuresOf(cells: readonly Cell[]): string[] {
  return cells.flatMap(({ title, failure }) => (failure ? [`${title}: ${failure}`] : []))
}

async function whileTheRowExists(input: MatrixInput, table: string): Promise<Cell[]> {
  const cells: Cell[] = []
  const statements = {
    select: `select 1 from ${table} where tenant_id = $1`,
    update: `update ${table} set tenant_id = tenant_id where tenant_id = $1`,
    delete: `delete from ${table} where tenant_id = $1`,
  }
  const appendOnly = appendOnlyTables.includes(table)
  for (const stranger of strangers(input)) {
    for (const [command, statement] of Object.entries(statements)) {
      const before = await versionOf(input, table)
      const outcome = await stranger.attempt(statement, [input.own])
      const untouched = before !== '' && before === (await versionOf(input, table))
      cells.push(cell(`${command} of ${table} as ${stranger.name} finds nothing`, hidden(outcome, stranger, appendOnly) && untouched, outcome))
    }
  }
  const own = tenantIdentity(input, 'its tenant', input.own)
  for (const command of ['select', 'update'] as const) {
    const outcome = await own.attempt(statements[command], [input.own])
    if (appendOnly && command === 'update') cells.push(cell(`update of ${table} as its tenant is refused`, refusedAsSuch(outcome), outcome))
    else cells.push(cell(`${command} of ${table} as its tenant finds the row`, 'rows' in outcome && outcome.rows === 1, outcome))
  }
  const moved = await own.attempt(`update ${table} set tenant_id = $2 where tenant_id = $1`, [input.own, input.other])
  cells.push(cell(`a row of ${table} cannot be moved to another tenant`, 'refused' in moved, moved))
  const all = await own.attempt(`select 1 from ${table} where tenant_id <> $1`, [input.own])
  cells.push(cell(`select of ${table} as its tenant finds no other row`, 'rows' in all && all.rows === 0, all))
  return cells
}

async function ownDelete(input: MatrixInput, table: string): Promise<Cell> {
  const outcome = await tenantIdentity(input, 'its tenant', input.own).attempt(`delete from ${table} where tenant_id = $1`, [input.own])
  if (appendOnlyTables.includes(table)) {
    const stays = (await versionOf(input, table)) !== ''
    // For what comes after; no policy binds a superuser.
    await input.owner.query(`delete from ${table} where tenant_id = $1`, [input.own])
    return cell(`delete of ${table} as its tenant is refused`, refusedAsSuch(outcome) && stays, outcome)
  }
  const gone = (await versionOf(input, table)) === ''
  return cell(`delete of ${table} as its tenant removes the row`, 'rows' in outcome && outcome.rows === 1 && gone, outcome)
}

async function insertions(input: MatrixInput, table: string): Promise<Cell[]> {
  const cells: Cell[] = []
  const { text, values } = insertion(table, input.own)
  for (const stranger of strangers(input)) {
    const outcome = await stranger.attempt(text, values)
    const refused = 'refused' in outcome && stranger.refusals.includes(outcome.refused) && (await versionOf(input, table)) === ''
    cells.push(cell(`insert into ${table} as ${stranger.name} is refused`, refused, outcome))
  }
  const outcome = await tenantIdentity(input, 'its tenant', input.own).attempt(text, values)
  const there = (await versionOf(input, table)) !== ''
  cells.push(cell(`insert into ${table} as its tenant adds the row`, 'rows' in outcome && outcome.rows === 1 && there, outcome))
  return cells
}

function strangers(input: MatrixInput): Identity[] {
  return [
    tenantIdentity(input, 'nobody', ''),
    tenantIdentity(input, 'another tenant', input.other),
    tenantIdentity(input, 'a malformed tenant', `${input.own}'; reset role; --`),
    { name: 'the owner of the tables', refusals: ['42501'], attempt: (statement, values) => asOwner(input.owner, statement, values) },
  ]
}

function tenantIdentity({ pool }: MatrixInput, name: string, tenant: string): Identity {
  return {
    name,
    refusals: name === 'a malformed tenant' ? ['22P02'] : ['42501'],
    attempt: (statement, values) => runAsTenant(tenant, () => outcomeOf(() => pool.query(statement, values))),
  }
}

/** Policies are forced: not even the role that owns the tables reads on without a tenant. */
async function asOwner(owner: pg.Client, statement: string, values?: unknown[]): Promise<Outcome> {
  await owner.query(`begin; set local role ${ownerRole}`)
  const outcome = await outcomeOf(() => owner.query(statement, values))
  await owner.query('refused' in outcome ? 'rollback' : 'commit')
  return outcome
}

export async function outcomeOf(work: () => Promise<pg.QueryResult>): Promise<Outcome> {
  try {
    return { rows: (await work()).rowCount ?? 0 }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return { refused: error.code }
    throw error
  }
}

function hidden(outcome: Outcome, { refusals }: Identity, appendOnly: boolean): boolean {
  return 'rows' in outcome ? outcome.rows === 0 : refusals.includes(outcome.refused) || (appendOnly && refusedAsSuch(outcome))
}

/** Whoever asks: the role itself may not. */
function refusedAsSuch(outcome: Outcome): boolean {
  return 'refused' in outcome && outcome.refused === '42501'
}

/** The control read, which no policy binds: where the row lies, and which transaction wrote it. Empty when there is none. */
async function versionOf({ owner, own }: MatrixInput, table: string): Promise<string> {
  const { rows } = await owner.query<{ version: string }>(`select concat(ctid, xmin) as version from ${table} where tenant_id = $1`, [own])
  return rows.map(({ version }) => version).join()
}

function cell(title: string, sound: boolean, outcome: Outcome): Cell {
  return sound ? { title } : { title, failure: JSON.stringify(outcome) }
}
