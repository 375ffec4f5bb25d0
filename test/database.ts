import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Test } from 'tap'
import { type Database, openDatabase } from '../src/db/client.ts'
import { newId } from '../src/security/random-token.ts'

/** Migrated once by test/run.ts and cloned by every test. */
export const templateDatabase = 'tenantry_template'

export interface TestTenant {
  id: string
  slug: string
  /** Verified and canonical. */
  host: string
}

export interface TestDatabase {
  name: string
  /** Superuser URL, as a deployment with one DATABASE_URL has it. */
  url: string
  /** A superuser's connection, which no policy binds: to arrange rows, and for control reads. */
  owner: pg.Client
  /** Opens the database as the service does; closed when the test ends. */
  open(options?: { url?: string; mode?: 'session' | 'transaction'; max?: number; onError?: (error: Error) => void }): Database
  /** Adds a tenant and its host to the directory. */
  addTenant(tenant?: Partial<TestTenant>): Promise<TestTenant>
}

/** A database of the test's own, cloned from the migrated template and dropped when the test ends. */
export async function createTestDatabase(t: Test): Promise<TestDatabase> {
  const server = superuserUrl('postgres')
  const name = `test_${randomBytes(6).toString('hex')}`
  await asSuperuser(server, `create database ${name} template ${templateDatabase} strategy file_copy`)
  t.teardown(() => asSuperuser(server, `drop database if exists ${name} with (force)`))
  const url = superuserUrl(name)
  const owner = await connect(t, url)
  return {
    name,
    url,
    owner,
    open(options = {}) {
      const database = openDatabase({ url, mode: 'session', max: 4, onError: () => {}, ...options })
      t.teardown(() => database.close())
      return database
    },
    async addTenant(tenant = {}) {
      const slug = tenant.slug ?? `t${randomBytes(5).toString('hex')}`
      const added = { id: tenant.id ?? newId(), slug, host: tenant.host ?? `${slug}.localhost` }
      await owner.query('insert into tenants (id, slug) values ($1, $2)', [added.id, added.slug])
      await owner.query(`insert into hosts (tenant_id, host, status, canonical) values ($1, $2, 'verified', true)`, [added.id, added.host])
      return added
    },
  }
}

/** One without anything in it, dropped when the test ends. */
export async function createEmptyDatabase(t: Test): Promise<{ url: string; client: pg.Client }> {
  const server = superuserUrl('postgres')
  const name = `test_${randomBytes(6).toString('hex')}`
  await asSuperuser(server, `create database ${name}`)
  t.teardown(() => asSuperuser(server, `drop database if exists ${name} with (force)`))
  const url = superuserUrl(name)
  return { url, client: await connect(t, url) }
}

/** A plain connection that ends with the test. */
export async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  // A connection cut by the test is no reason for the process to fall over; its queries still fail.
  client.on('error', () => {})
  await client.connect()
  t.teardown(() => client.end())
  return client
}

export function superuserUrl(database: string): string {
  const url = new URL(process.env.TEST_POSTGRES_URL ?? missing())
  url.pathname = `/${database}`
  return url.href
}

function missing(): never {
  throw new Error('TEST_POSTGRES_URL is not set: run tests with "npm test -- test/some.test.ts", which starts PostgreSQL')
}

async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
