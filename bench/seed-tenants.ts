import pg from 'pg'
import { newSigningKey } from '../src/auth/keys/signing-keys.ts'
import type { Config } from '../src/config.ts'
import { createPasswordHasher } from '../src/security/passwords/password-hasher.ts'
import { createSecretBox } from '../src/security/secret-box.ts'
import { builtInRoles } from '../src/tenancy/permissions.ts'

export interface Seeded {
  /** Those with entries; each has 60 published in `posts`. */
  tenantIds: string[]
  hosts: string[]
  /** Members of the first tenant. */
  emails: string[]
  password: string
}

const password = 'correct horse battery'
const members = 50
const domain = 'bench.example'

/** Tenants by SQL: a superuser without triggers and keys to check, because ten thousand of them should take seconds. */
export async function seedTenants(config: Config, { tenants, withEntries }: { tenants: number; withEntries: number }): Promise<Seeded> {
  const owner = new pg.Client({ connectionString: config.database.unpooledUrl })
  await owner.connect()
  try {
    await owner.query("set session_replication_role = 'replica'")
    await addSites(owner, tenants)
    const { rows } = await owner.query<{ id: string }>('select id from tenants order by length(slug), slug limit $1', [withEntries])
    const tenantIds = rows.map(({ id }) => id)
    await addEntries(owner, tenantIds)
    await addMembers(owner, config, tenantIds[0] ?? '')
    await owner.query('analyze')
    const hosts = Array.from({ length: tenants }, (_, at) => `s${at + 1}.${domain}`)
    return { tenantIds, hosts, emails: Array.from({ length: members }, (_, at) => emailOf(at + 1)), password }
  } finally {
    await owner.end()
  }
}

const emailOf = (number: number) => `member${number}@${domain}`

async function addSites(owner: pg.Client, tenants: number): Promise<void> {
  await owner.query(`insert into tenants (id, slug) select gen_random_uuid(), 's' || n from generate_series(1, $1::int) n`, [tenants])
  await owner.query(`insert into hosts (tenant_id, host, status, canonical) select id, slug || $1, 'verified', true from tenants`, [`.${domain}`])
  await owner.query(`insert into sites (tenant_id, name, locale, time_zone) select id, 'Site ' || slug, 'pt-ST', 'Africa/Sao_Tome' from tenants`)
  await owner.query(`insert into brands (tenant_id, short_name, tagline, primary_color, accent_color, surface_color, text_color)
    select id, slug, 'O distrito, os serviços e as decisões, perto de quem cá vive', '#14532d', '#ca8a04', '#fbfaf5', '#1c2a21' from tenants`)
}

async function addEntries(owner: pg.Client, tenantIds: string[]): Promise<void> {
  await owner.query(
    `insert into collections (tenant_id, id, slug, name, schema)
     select id, gen_random_uuid(), 'posts', 'Posts', '{"type":"object"}' from unnest($1::uuid[]) id`,
    [tenantIds],
  )
  await owner.query(`insert into entries (tenant_id, id, collection_id, slug, data, status, published_at)
    select tenant_id, gen_random_uuid(), id, 'post-' || n,
      jsonb_build_object('title', 'Notícia número ' || n, 'summary', repeat('Uma frase de resumo. ', 5), 'image', '/media/' || n || '.webp'),
      'published', '2026-01-01'::timestamptz + n * interval '1 hour'
    from collections, generate_series(1, 60) n`)
}

/** All with one password and so one hash: what a verification costs does not depend on it. */
async function addMembers(owner: pg.Client, config: Config, tenantId: string): Promise<void> {
  const hash = await createPasswordHasher({ concurrency: 1, queue: 1 }).hash(password)
  const key = newSigningKey(createSecretBox(config.secretKeys), tenantId)
  await owner.query('insert into signing_keys (tenant_id, id, public_jwk, sealed_private) values ($1, $2, $3, $4)', [
    tenantId,
    key.id,
    key.publicJwk,
    key.sealedPrivate,
  ])
  const emails = Array.from({ length: members }, (_, at) => emailOf(at + 1))
  await owner.query(
    `insert into members (tenant_id, id, email, email_key, name)
     select $1, gen_random_uuid(), email, email, 'Member of the bench' from unnest($2::text[]) email`,
    [tenantId, emails],
  )
  await owner.query('insert into passwords (tenant_id, member_id, hash) select tenant_id, id, $1 from members', [hash])
  const role = builtInRoles.find(({ slug }) => slug === 'editor')
  await owner.query(
    `insert into roles (tenant_id, id, slug, name, permissions, built_in) values ($1, gen_random_uuid(), 'editor', 'Editor', $2, true)`,
    [tenantId, role?.permissions ?? []],
  )
  await owner.query('insert into member_roles (tenant_id, member_id, role_id) select m.tenant_id, m.id, r.id from members m, roles r')
}
