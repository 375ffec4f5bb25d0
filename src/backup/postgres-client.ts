import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface PostgresClient {
  /** `17.10` */
  version: string
  pgDump: string
  pgRestore: string
}

export interface WantedClient {
  major: number
  /** What has that major, for the message. */
  of: string
  /** Dumps are written by the same major, and read by that or a later one. */
  orLater?: boolean
}

const run = promisify(execFile)

/** The first of the folders whose client has the major. Programs of another one fail half-way or, worse, do not. */
export async function findPostgresClient(folders: readonly string[], { major, of, orLater = false }: WantedClient): Promise<PostgresClient> {
  const others = new Set<string>()
  for (const folder of folders) {
    const found = await clientIn(folder)
    if (!found) continue
    const its = majorOf(found.version)
    if (its === major || (orLater && its > major)) return found
    others.add(`${found.version} in ${folder}`)
  }
  const there = others.size > 0 ? `pg_dump is ${[...others].join(', ')}` : 'there is no pg_dump'
  throw new Error(
    `${of} is of PostgreSQL ${major}, and ${there}: install postgresql-client-${major} (apt.postgresql.org) and set PG_BIN_DIR to its folder, such as /usr/lib/postgresql/${major}/bin.`,
  )
}

export function majorOf(version: string): number {
  return Number(version.split('.')[0])
}

async function clientIn(folder: string): Promise<PostgresClient | undefined> {
  const [pgDump, pgRestore] = [join(folder, 'pg_dump'), join(folder, 'pg_restore')]
  try {
    const [dump, restore] = await Promise.all([versionOf(pgDump), versionOf(pgRestore)])
    return dump && dump === restore ? { version: dump, pgDump, pgRestore } : undefined
  } catch {
    return undefined
  }
}

/** `pg_dump (PostgreSQL) 17.10 (Debian 17.10-0+deb13u1)` */
async function versionOf(program: string): Promise<string | undefined> {
  const { stdout } = await run(program, ['--version'], { env: {}, timeout: 10_000 })
  return /\(PostgreSQL\) (\d+(\.\d+)?)/.exec(stdout)?.[1]
}
