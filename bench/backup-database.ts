import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { ensureRoles } from '../src/auth/account/create-member.ts'
import { newSigningKey } from '../src/auth/keys/signing-keys.ts'
import type { SecretKey } from '../src/config.ts'
import { openDatabase } from '../src/db/client.ts'
import { originalOf } from '../src/media/media.ts'
import { createSecretBox } from '../src/security/secret-box.ts'
import { createDiskStorage } from '../src/storage/disk-storage.ts'
import { tenantStorage } from '../src/storage/tenant-storage.ts'
import { builtInRoles } from '../src/tenancy/permissions.ts'

export interface Wished {
  megabytes: number
  sites: number
  /** Of the one site that has files. */
  files: { site: string; megabytes: number; folder: string }
}

/** Of one entry with what its indexes take up. */
const entryBytes = 2_600
const fileBytes = 10 * 1024 * 1024

/** By SQL, without triggers: entries whose text compresses as text does, about half. Answers the megabytes of the database. */
export async function fillDatabase(url: string, secretKeys: readonly SecretKey[], { megabytes, sites, files }: Wished): Promise<number> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  await owner.query("set session_replication_role = 'replica'")
  await owner.query("insert into tenants (id, slug) select gen_random_uuid(), 's' || n from generate_series(1, $1::int) n", [sites])
  await owner.query("insert into hosts (tenant_id, host, status, canonical) select id, slug || '.figures.example', 'verified', true from tenants")
  await owner.query("insert into sites (tenant_id, name, locale, time_zone) select id, 'Site ' || slug, 'pt-ST', 'Africa/Sao_Tome' from tenants")
  await owner.query(
    `insert into collections (tenant_id, id, slug, name, schema) select id, gen_random_uuid(), 'posts', 'Posts', '{"type":"object"}' from tenants`,
  )
  const entries = Math.ceil((megabytes * 1024 * 1024) / entryBytes / sites)
  await owner.query(
    `insert into entries (tenant_id, id, collection_id, slug, data, status, published_at)
     select tenant_id, gen_random_uuid(), id, 'post-' || n, jsonb_build_object('title', 'Notícia ' || n, 'text',
       (select string_agg(md5(n || tenant_id::text || part), ' ') from generate_series(1, 45) part)), 'published', now()
     from collections, generate_series(1, $1::int) n`,
    [entries],
  )
  await addFiles(owner, files)
  await addKeysAndRoles(url, secretKeys)
  const { rows } = await owner.query<{ size: string }>('select pg_database_size(current_database()) / 1048576 as size')
  await owner.end()
  return Number(rows[0]?.size)
}

async function addFiles(owner: pg.Client, { site, megabytes, folder }: Wished['files']): Promise<void> {
  const { rows } = await owner.query<{ tenant: string; id: string }>(
    `insert into media (tenant_id, id, name, status, kind, content_type, extension, size, sha256)
     select id, gen_random_uuid(), 'Film ' || n || '.mp4', 'ready', 'video', 'video/mp4', 'mp4', $2, repeat('a', 64)
     from tenants, generate_series(1, $3::int) n where slug = $1 returning tenant_id as tenant, id`,
    [site, fileBytes, Math.ceil((megabytes * 1024 * 1024) / fileBytes)],
  )
  const storage = createDiskStorage(folder)
  for (const { tenant, id } of rows) await tenantStorage(storage, tenant).put(originalOf(id), randomBytes(fileBytes), { contentType: 'video/mp4' })
}

async function addKeysAndRoles(url: string, secretKeys: readonly SecretKey[]): Promise<void> {
  const database = openDatabase({ url, mode: 'session', max: 2, onError: () => {} })
  const box = createSecretBox(secretKeys)
  for (const { id } of await database.directory.tenant.findMany({ select: { id: true } })) {
    const db = database.forTenant(id)
    await db.signingKey.create({ data: newSigningKey(box, id) })
    await ensureRoles(db, id, builtInRoles, true)
  }
  await database.close()
}

/** Of every row of every table of a site's, but those of one site: two are the same only if all of them are, byte for byte. */
export async function hashOfOthers(url: string, but: string): Promise<string> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  const { rows: tables } = await owner.query<{ name: string }>(
    `select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await owner.query<{ hash: string }>(
      `select md5(string_agg(row, '' order by row)) || ' ' || count(*) as hash from (
         select md5((t.*)::text) as row from ${name} t where tenant_id is distinct from (select id from tenants where slug = $1)) rows`,
      [but],
    )
    found.push(`${name} ${rows[0]?.hash}`)
  }
  await owner.end()
  return found.join('\n')
}
