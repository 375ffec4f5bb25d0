import pg from 'pg'
import { backupRole } from '../db/roles.ts'

export interface Server {
  client: pg.Client
  /** `17.10` */
  version: string
  close(): Promise<void>
}

export interface Snapshot {
  /** For `pg_dump --snapshot`. */
  id: string
  takenAt: Date
  /** Bytes of the database: a dump has fewer. */
  size: number
  /** The newest migration that is applied. */
  migration: string
  /** Id of the site that is the platform, where there is one. */
  hub: string | undefined
}

/** A connection that waits for as long as a dump takes. */
export async function openServer(databaseUrl: string): Promise<Server> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000, keepAlive: true })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('set idle_in_transaction_session_timeout = 0; set statement_timeout = 0')
    const { rows } = await client.query<{ number: number }>("select current_setting('server_version_num')::int as number")
    const number = rows[0]?.number ?? 0
    return { client, version: `${Math.floor(number / 10_000)}.${number % 10_000}`, close: () => client.end() }
  } catch (error) {
    await client.end().catch(() => {})
    throw new Error(`The database cannot be reached: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

/** As the role of backups. A role that policies bind would see no row, and a dump of nothing looks well. `login` completes "The login …". */
export async function takeBackupRole(client: pg.Client, login: string): Promise<void> {
  await client.query(`set role ${backupRole}`).catch((cause) => {
    throw new Error(`The login ${login} cannot take the role ${backupRole}: run "tenantry migrate", and "grant ${backupRole} to" that login.`, {
      cause,
    })
  })
  const { rows } = await client.query<{ bypasses: boolean }>('select rolbypassrls as bypasses from pg_roles where rolname = current_user')
  if (!rows[0]?.bypasses) {
    throw new Error(
      `${backupRole} cannot see past row-level security there, so that every table would look empty: let a superuser run "alter role ${backupRole} bypassrls".`,
    )
  }
}

/** Holds one state of the database, for everybody who is told its id, until the connection ends. */
export async function exportSnapshot(client: pg.Client): Promise<Snapshot> {
  await client.query('begin isolation level repeatable read read only; set local row_security = off')
  const { rows } = await client.query<{ id: string; at: Date; size: string }>(
    'select pg_export_snapshot() as id, now() as at, pg_database_size(current_database()) as size',
  )
  const { rows: applied } = await client
    .query<{ name: string | null }>(
      'select max(migration_name) as name from public._prisma_migrations where finished_at is not null and rolled_back_at is null',
    )
    .catch((cause) => {
      throw new Error('This is no database of Tenantry, or one that has never been migrated: look at DATABASE_URL.', { cause })
    })
  const { rows: platforms } = await client.query<{ id: string }>(
    "select id from public.tenants where kind = 'platform' order by created_at, id limit 1",
  )
  const [found] = rows
  if (!found) throw new Error('the database gave no snapshot')
  return { id: found.id, takenAt: found.at, size: Number(found.size), migration: applied[0]?.name ?? '', hub: platforms[0]?.id }
}

/** Rows by `schema.table`. */
export async function countRows(client: pg.Client): Promise<Record<string, number>> {
  const { rows: tables } = await client.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') order by 1, 2`,
  )
  const counts: Record<string, number> = {}
  for (const { schema, name } of tables) {
    const from = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`
    const { rows } = await client.query<{ count: string }>(`select count(*) as count from ${from}`)
    counts[`${schema}.${name}`] = Number(rows[0]?.count)
  }
  return counts
}
