import pg from 'pg'
import { ownerRole } from '../db/roles.ts'
import { newId } from '../security/random-token.ts'
import { normaliseHost } from './host-name.ts'

export interface NewTenant {
  slug: string
  kind?: 'site' | 'platform'
  /** The first is canonical. All are taken as proven: this is for operators and seeds. */
  hosts: readonly [string, ...string[]]
}

/**
 * Writes to the directory, which the app role can only read: it needs a login that may take the owner role. Each call opens one connection
 * and closes it.
 */
export async function asOwner<T>(databaseUrl: string, work: (owner: pg.Client) => Promise<T>): Promise<T> {
  const owner = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000, options: `-c role=${ownerRole}` })
  // A connection that goes while nothing is asked is no reason for the process to fall over: the next query fails, and whoever asks tidies up.
  owner.on('error', () => {})
  await owner.connect()
  try {
    return await work(owner)
  } finally {
    await owner.end()
  }
}

/** Answers the id of the tenant with this slug, making it and its hosts where they are missing. */
export async function ensureTenant(owner: pg.Client, { slug, kind = 'site', hosts }: NewTenant): Promise<string> {
  const names = hosts.map((host) => {
    const name = normaliseHost(host)
    if (!name) throw new TypeError(`${host} is no hostname`)
    return name
  })
  await owner.query('begin')
  try {
    await owner.query('insert into tenants (id, slug, kind) values ($1, $2, $3) on conflict (slug) do nothing', [newId(), slug, kind])
    const { rows } = await owner.query<{ id: string }>('select id from tenants where slug = $1', [slug])
    const id = rows[0]?.id ?? ''
    await owner.query(
      `insert into hosts (tenant_id, host, status, canonical)
       select $1, host, 'verified', at = 1 and not exists (select from hosts where tenant_id = $1 and canonical)
       from unnest($2::text[]) with ordinality as given (host, at) on conflict (tenant_id, host) do nothing`,
      [id, names],
    )
    await owner.query('commit')
    return id
  } catch (error) {
    await owner.query('rollback')
    throw error
  }
}
