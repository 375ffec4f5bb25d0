import type pg from 'pg'
import { ensureDatabaseRoles } from '../db/ensure-roles.ts'
import { jobsRole, ownerRole } from '../db/roles.ts'
import type { DumpRoles } from './dump-roles.ts'
import { takeBackupRole } from './snapshot.ts'

/** Makes the four roles where they are missing: they are not in a dump. Refuses a login under which nothing of it could be counted afterwards. */
export async function requireRoles(client: pg.Client): Promise<void> {
  await ensureDatabaseRoles(client).catch((cause) => {
    throw new Error(`This login can neither make nor take the roles of Tenantry on that server (${cause.message}): restore as a superuser.`, {
      cause,
    })
  })
  await takeBackupRole(client, 'that restores')
  await client.query('reset role')
}

/**
 * Lets a restore give what it makes to whom the dump says. What belonged to a role that is not there, such as the login that migrated the other server, is
 * the owner role's in the end, and what was granted to one is forgotten.
 */
export async function withOwners(client: pg.Client, { owners, all }: DumpRoles, restore: () => Promise<void>): Promise<void> {
  const missing = await missingOf(client, all)
  await requireBecoming(
    client,
    owners.filter((owner) => !missing.includes(owner)),
  )
  const standIns = missing.map((role) => client.escapeIdentifier(role))
  try {
    for (const role of standIns) await makeStandIn(client, role)
    // A login that is no superuser needs it before the dump's own grant, at its end, is in force.
    await client.query(`grant usage, create on schema public to ${ownerRole}, ${jobsRole}`)
    await restore()
    for (const role of standIns) await client.query(`reassign owned by ${role} to ${ownerRole}`)
    await client.query(`revoke create on schema public from ${jobsRole}`)
  } catch (error) {
    // What is wrong has been found; that it cannot be tidied up, too, says nothing more.
    await client.query(`revoke usage, create on schema public from ${ownerRole}, ${jobsRole}`).catch(() => {})
    throw error
  } finally {
    for (const role of standIns) await client.query(`drop owned by ${role}; drop role ${role}`).catch(() => {})
  }
}

async function missingOf(client: pg.Client, names: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from unnest($1::text[]) name where name not in (select rolname from pg_roles)', [
    names,
  ])
  return rows.map(({ name }) => name)
}

async function requireBecoming(client: pg.Client, owners: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>("select name from unnest($1::text[]) name where not pg_has_role(name, 'set')", [owners])
  if (!rows[0]) return
  throw new Error(`Something in this backup belongs to the role "${rows[0].name}", which this login may not become: restore as a superuser.`)
}

async function makeStandIn(client: pg.Client, role: string): Promise<void> {
  await client.query(`create role ${role} nologin`)
  const { rows } = await client.query<{ superuser: boolean }>('select rolsuper as superuser from pg_roles where rolname = current_user')
  if (!rows[0]?.superuser) await client.query(`grant ${role} to current_user with inherit true, set true`)
}
