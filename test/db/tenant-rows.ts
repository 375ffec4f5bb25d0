import type pg from 'pg'

export type Row = Record<string, unknown>

/**
 * One row for every tenant table, parents first. Names, slugs and addresses are the same in every tenant, so that a key that is not
 * unique per tenant collides; ids are the tenant's own id, so that every id points at one tenant.
 */
export const tenantRows: Record<string, (tenant: string) => Row> = {
  sites: () => ({ name: 'Site', locale: 'pt', time_zone: 'Africa/Sao_Tome' }),
  brand_assets: (tenant) => ({ id: tenant, kind: 'font', name: 'font.woff2', content_type: 'font/woff2', size: 1 }),
  brand_drafts: () => ({ revision: 1, spec: '{}' }),
  brand_publications: () => ({ number: 1, spec: '{}', images: '{}' }),
  brands: () => ({
    short_name: 'Brand',
    tagline: '',
    primary_color: '#000000',
    accent_color: '#000000',
    surface_color: '#000000',
    text_color: '#000000',
  }),
  signing_keys: (tenant) => ({ id: tenant, public_jwk: '{}', sealed_private: 'sealed' }),
  members: (tenant) => ({ id: tenant, email: 'Ana@example.test', email_key: 'ana@example.test', name: `Ana of ${tenant}` }),
  passwords: (tenant) => ({ member_id: tenant, hash: 'hash' }),
  roles: (tenant) => ({ id: tenant, slug: 'editor', name: 'Editor' }),
  member_roles: (tenant) => ({ member_id: tenant, role_id: tenant }),
  sessions: (tenant) => ({
    id: tenant,
    member_id: tenant,
    epoch: 0,
    refresh_hash: Buffer.alloc(32),
    idle_expires_at: '2100-01-01T00:00:00Z',
    expires_at: '2100-01-01T00:00:00Z',
  }),
  collections: (tenant) => ({ id: tenant, slug: 'news', name: 'News', schema: '{}' }),
  entries: (tenant) => ({ id: tenant, collection_id: tenant, slug: 'first', data: '{}' }),
  email_challenges: (tenant) => ({
    id: tenant,
    member_id: tenant,
    purpose: 'sign-up',
    email_key: 'ana@example.test',
    expires_at: '2100-01-01T00:00:00Z',
  }),
  mail_accounts: () => ({}),
  mail_messages: (tenant) => ({
    id: tenant,
    kind: 'test',
    recipient: 'ana@example.test',
    locale: 'pt',
    variables: '{}',
    challenge_id: tenant,
    intent: 'once',
    expires_at: '2100-01-01T00:00:00Z',
  }),
  mail_templates: () => ({ kind: 'test', locale: 'pt', subject: 'Olá', body: 'Olá' }),
  mail_domains: () => ({ domain: 'example.test', selector: 't1', public_key: 'key', sealed_private: 'sealed' }),
  mail_suppressions: () => ({ email_key: 'ana@example.test', reason: 'manual' }),
  auth_policies: () => ({}),
  audit_events: (tenant) => ({ id: tenant, action: 'session.opened', actor_kind: 'member', actor: tenant }),
  pending_sign_ins: (tenant) => ({
    id: tenant,
    member_id: tenant,
    epoch: 0,
    secret_hash: Buffer.alloc(32),
    methods: '{password}',
    expires_at: '2100-01-01T00:00:00Z',
  }),
  known_devices: (tenant) => ({ member_id: tenant, device_hash: Buffer.alloc(32) }),
  email_changes: (tenant) => ({
    id: tenant,
    member_id: tenant,
    old_email: 'ana@example.test',
    new_email: 'ana@other.test',
    old_challenge: tenant,
    new_challenge: tenant,
    asked_in: tenant,
    expires_at: '2100-01-01T00:00:00Z',
  }),
  totp_factors: (tenant) => ({ id: tenant, member_id: tenant, name: 'Phone', sealed_secret: 'sealed' }),
  recovery_codes: (tenant) => ({ id: tenant, member_id: tenant, salt: Buffer.alloc(16), hash: Buffer.alloc(32) }),
  passkeys: (tenant) => ({ id: tenant, member_id: tenant, name: 'Laptop', credential: Buffer.alloc(16), public_key: Buffer.alloc(77) }),
  passkey_challenges: (tenant) => ({ id: tenant, purpose: 'register', member_id: tenant, challenge: 'A', expires_at: '2100-01-01T00:00:00Z' }),
  invitations: (tenant) => ({
    id: tenant,
    email: 'Rui@example.test',
    email_key: 'rui@example.test',
    role_id: tenant,
    expires_at: '2100-01-01T00:00:00Z',
  }),
  media_usage: () => ({}),
  media: (tenant) => ({ id: tenant, name: 'photo.jpg', size: 1 }),
  media_uploads: (tenant) => ({
    media_id: tenant,
    storage_upload: 'upload',
    size: 1,
    part_size: 8_388_608,
    expires_at: '2100-01-01T00:00:00Z',
  }),
  media_references: (tenant) => ({ media_id: tenant, entry_id: tenant }),
  api_keys: (tenant) => ({ id: tenant, name: 'Website', secret_hash: Buffer.alloc(32), permissions: '{content:read}' }),
  operator_entries: (tenant) => ({
    id: tenant,
    member_id: tenant,
    operator: tenant,
    operator_name: 'Operator',
    reason: 'They asked for help',
    token_hash: Buffer.alloc(32),
    expires_at: '2100-01-01T00:00:00Z',
  }),
}

/** The service adds rows there, and can neither change nor remove one. */
export const appendOnlyTables = ['audit_events']

/** Read before a tenant is known; everything else in the schema is a tenant table. */
export const directoryTables = ['_prisma_migrations', 'hosts', 'tenants']

/** Tenant tables of the catalogue, parents first. Throws for a table that has no row above. */
export async function tenantTables(owner: pg.Client): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
  )
  const found = rows.map(({ name }) => name).filter((name) => !directoryTables.includes(name))
  const unknown = found.filter((name) => !Object.hasOwn(tenantRows, name))
  if (unknown.length > 0) throw new Error(`add a row for ${unknown.join(', ')} to test/db/tenant-rows.ts: its isolation is not tested`)
  return Object.keys(tenantRows).filter((name) => found.includes(name))
}

/** Gives the tenant its row in every table, past every policy. */
export async function addRows(owner: pg.Client, tenant: string): Promise<void> {
  for (const table of await tenantTables(owner)) await owner.query(insertion(table, tenant))
}

export function insertion(table: string, tenant: string): { text: string; values: unknown[] } {
  const row: Row = { tenant_id: tenant, ...tenantRows[table]?.(tenant) }
  const columns = Object.keys(row)
  return {
    text: `insert into ${table} (${columns.join(', ')}) values (${columns.map((_column, at) => `$${at + 1}`).join(', ')})`,
    values: Object.values(row),
  }
}
