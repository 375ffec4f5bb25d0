import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { migrateQueue } from './migrate-queue.ts'

export const migrationsFolder = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

/** Held for the length of a run, so that two of them take turns. Any number would do; it only has to be the same everywhere. */
const advisoryLock = 7_236_411

/** Brings the database to the newest migration and answers the names of those it applied. Safe to run from many places at once. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const guard = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  await guard.connect()
  try {
    await guard.query('select pg_advisory_lock($1)', [advisoryLock])
    const applied = (await isUpToDate(guard)) ? [] : await applyMissing(guard, databaseUrl)
    // Also where nothing of ours is missing: an earlier run may have been cut off before this, and the queue's package goes by numbers of its own.
    await migrateQueue(databaseUrl)
    return applied
  } finally {
    await guard.end()
  }
}

async function applyMissing(guard: pg.Client, databaseUrl: string): Promise<string[]> {
  await forgetBroken(guard)
  const migrationsList = await migrationList()
  const filters = { externalTables: [], externalEnums: [] }
  // Loaded only when there is something to apply: it costs half a second and 60 MB.
  const { withSchemaEngine } = await import('./schema-engine.ts')
  const applied = await withSchemaEngine(databaseUrl, (engine) => engine.applyMigrations({ migrationsList, filters })).catch(tellPlainly)
  return applied.appliedMigrationNames
}

/**
 * One that broke off is in the table as begun, and the engine would apply nothing any more. PostgreSQL has taken it back as a whole, because a script
 * is one transaction, and nobody is at one now, because we hold the lock: so it may be tried again.
 */
async function forgetBroken(guard: pg.Client): Promise<void> {
  const { rows } = await guard.query("select to_regclass('public._prisma_migrations') is not null as there")
  if (rows[0]?.there) await guard.query('update _prisma_migrations set rolled_back_at = now() where finished_at is null and rolled_back_at is null')
}

/** One line, and what to do. The engine's own are twenty, and do not say why. */
function tellPlainly(error: unknown): never {
  if (!(error instanceof Error)) throw error
  const [, name] = /migration_name="([^"]+)"/.exec(error.cause instanceof Error ? error.cause.message : '') ?? []
  if (name)
    throw new Error(`The migration ${name} failed: ${error.message}. Nothing of it stays: put that right, and migrate again.`, { cause: error })
  throw new Error(error.message.split('\n')[0] ?? '', { cause: error })
}

async function isUpToDate(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ table: string | null }>("select to_regclass('public._prisma_migrations')::text as table")
  if (!rows[0]?.table) return false
  const done = await client.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  )
  const applied = new Set(done.rows.map(({ name }) => name))
  return (await migrationNames()).every((name) => applied.has(name))
}

/** The folder as the engine wants it. */
export async function migrationList() {
  const names = await migrationNames()
  const migrationDirectories = await Promise.all(
    names.map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(join(migrationsFolder, name, 'migration.sql'), 'utf8') },
      },
    })),
  )
  const lockfile = { path: 'migration_lock.toml', content: await readFile(join(migrationsFolder, 'migration_lock.toml'), 'utf8') }
  return { baseDir: migrationsFolder, lockfile, migrationDirectories, shadowDbInitScript: '' }
}

/** Oldest first. */
export async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}
