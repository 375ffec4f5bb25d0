/**
 * `npm run bench:backup -- [--mb 2048] [--sites 200] [--files 400] [--age]`: a database of its own with so many sites, one of them with files of so many MB,
 * then `tenantry backup run`, `verify` and `drill`, and that site exported and imported, as processes: their times and the most memory that ours held.
 * PG_BIN_DIR names the client, as for the command itself.
 */
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { loadConfig } from '../src/config.ts'
import { migrate } from '../src/db/migrate.ts'
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts'
import { fillDatabase, hashOfOthers } from './backup-database.ts'
import { measureCommand } from './measured-command.ts'

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '2048' },
    sites: { type: 'string', default: '200' },
    files: { type: 'string', default: '400' },
    age: { type: 'boolean', default: false },
  },
})

const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-figures-'))
await chmod(dataDir, 0o755)
const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', shared_buffers: '256MB', max_wal_size: '4GB' }
const server = await startEmbeddedPostgres({ dataDir, settings })
const url = server.url('postgres')
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
    DATABASE_URL: url,
    SECRET_KEYS: `figures:${randomBytes(32).toString('base64')}`,
    STORAGE_DIR: join(dataDir, 'media'),
    BACKUP_DIR: join(dataDir, 'backups'),
    TENANTRY_PASSPHRASE: randomBytes(16).toString('hex'),
    ...(values.age ? await ageKey() : {}),
  }
  await migrate(url)
  const files = { site: 's1', megabytes: Number(values.files), folder: join(dataDir, 'media') }
  const size = await fillDatabase(url, loadConfig(env).secretKeys, { megabytes: Number(values.mb), sites: Number(values.sites), files })
  console.log(`the database has ${size} MB, ${values.sites} sites`)
  const tell = async (...args: string[]) => {
    const { seconds, peak, out } = await measureCommand(args, env)
    console.log(`\n${args.slice(0, 2).join(' ')}: ${seconds.toFixed(1)} s, at most ${peak.toFixed(0)} MB\n${out.trim()}`)
  }
  await tell('backup', 'list')
  await tell('backup', 'run')
  await tell('backup', 'verify')
  await tell('backup', 'drill', '--into', url)
  const archive = join(dataDir, 's1.tenantry')
  await tell('site', 'export', 's1', '--to', archive)
  const before = await hashOfOthers(url, 'copy')
  await tell('site', 'import', archive, '--new-id', '--as', 'copy')
  const same = (await hashOfOthers(url, 'copy')) === before
  console.log(`\nrows of all other sites: ${same ? 'byte for byte the same' : 'NOT the same'}`)
  if (!same) process.exitCode = 1
}

async function ageKey(): Promise<Record<string, string>> {
  const [identity, file] = [await generateIdentity(), join(dataDir, 'age.key')]
  await writeFile(file, identity)
  return { BACKUP_RECIPIENT: await identityToRecipient(identity), BACKUP_IDENTITY_FILE: file }
}
