import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { migrationsFolder } from './migrate.ts'

/** Those that make roles, by their first block. */
const makingRoles = ['20261123000100_roles', '20261124000300_mail_jobs']

/**
 * Makes the four roles on a server that has never been migrated, by the very statements of the migrations, which a dump does not hold: roles belong to
 * the server, not to a database of it.
 */
export async function ensureDatabaseRoles(client: pg.Client): Promise<void> {
  for (const name of makingRoles) {
    const [block] = /^do \$\$.*?^\$\$;/ms.exec(await readFile(join(migrationsFolder, name, 'migration.sql'), 'utf8')) ?? []
    if (!block) throw new TypeError(`the migration ${name} makes no roles any more`)
    await client.query(block)
  }
}
