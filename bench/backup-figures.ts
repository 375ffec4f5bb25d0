/**
 * `npm run bench:backup -- [--mb 2048] [--sites 200] [--age]`: a database of its own with so many sites, then `tenantry backup run`, `verify` and `drill` as
 * processes, their times and the most memory that our process held. PG_BIN_DIR names the client, as for the command itself.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import pg from 'pg'
import { ensureRoles } from '../src/auth/account/create-member.ts'
import { newSigningKey } from '../src/auth/keys/signing-keys.ts'
import { loadConfig } from '../src/config.ts'
import { openDatabase } from '../src/db/client.ts'
import { migrate } from '../src/db/migrate.ts'
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts'
import { createSecretBox } from '../src/security/secret-box.ts'
import { builtInRoles } from '../src/tenancy/permissions.ts'

const { values } = parseArgs({
  options: { mb: { type: 'string', default: '2048' }, sites: { type: 'string', default: '200' }, age: { type: 'boolean', default: false } },
})
const [megabytes, sites] = [Number(values.mb), Number(values.sites)]
/** Of one entry with what its indexes take up. */
const entryBytes = 2_600

const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-figures-'))
await chmod(dataDir, 0o755)
const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', shared_buffers: '256MB', max_wal_size: '4GB' }
const server = await startEmbeddedPostgres({ dataDir, settings })
try {
  await measure()
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

async function measure(): Promise<void> {
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    PG_BIN_DIR: process.env.PG_BIN_DIR ?? '',
    DATABASE_URL: server.url('postgres'),
    SECRET_KEYS: `figures:${randomBytes(32).toString('base64')}`,
    BACKUP_DIR: join(dataDir, 'backups'),
    ...(values.age ? await ageKey() : {}),
  }
  await migrate(server.url('postgres'))
  console.log(`the database has ${await fill(env)} MB, ${sites} sites`)
  for (const args of [['list'], ['run'], ['verify'], ['drill', '--into', server.url('postgres')]]) {
    const { seconds, peak, out } = await run(['backup', ...args], env)
    console.log(`\nbackup ${args[0]}: ${seconds.toFixed(1)} s, at most ${peak.toFixed(0)} MB\n${out.trim()}`)
  }
}

async function ageKey(): Promise<Record<string, string>> {
  const [identity, file] = [await generateIdentity(), join(dataDir, 'age.key')]
  await writeFile(file, identity)
  return { BACKUP_RECIPIENT: await identityToRecipient(identity), BACKUP_IDENTITY_FILE: file }
}

/** By SQL, without triggers: entries whose text compresses as text does, about half. Answers its megabytes. */
async function fill(env: Record<string, string>): Promise<number> {
  const owner = new pg.Client({ connectionString: env.DATABASE_URL })
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
  await addKeysAndRoles(env)
  const { rows } = await owner.query<{ size: string }>('select pg_database_size(current_database()) / 1048576 as size')
  await owner.end()
  return Number(rows[0]?.size)
}

async function addKeysAndRoles(env: Record<string, string>): Promise<void> {
  const database = openDatabase({ url: env.DATABASE_URL ?? '', mode: 'session', max: 2, onError: () => {} })
  const box = createSecretBox(loadConfig(env).secretKeys)
  for (const { id } of await database.directory.tenant.findMany({ select: { id: true } })) {
    const db = database.forTenant(id)
    await db.signingKey.create({ data: newSigningKey(box, id) })
    await ensureRoles(db, id, builtInRoles, true)
  }
  await database.close()
}

interface Figures {
  seconds: number
  /** MB of resident memory. */
  peak: number
  out: string
}

async function run(args: readonly string[], env: Record<string, string>): Promise<Figures> {
  const began = performance.now()
  const child = spawn(process.execPath, ['src/cli.ts', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let [out, ended, peak] = ['', false, 0]
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.on('close', () => {
    ended = true
  })
  while (!ended) {
    // What the kernel calls the high-water mark.
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
    await delay(100)
  }
  if (child.exitCode !== 0) throw new Error(`tenantry ${args.join(' ')} ended with ${child.exitCode}\n${out}`)
  return { seconds: (performance.now() - began) / 1000, peak, out }
}
