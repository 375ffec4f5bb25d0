import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { Environment } from './config/environment.ts'
import { hostFaults } from './config/host-faults.ts'
import { productionFaults, proxyFaults } from './config/production-faults.ts'

export interface SecretKey {
  id: string
  /** 32 bytes */
  key: Buffer
}

export interface Config {
  production: boolean
  dataDir: string
  listen: { host: string; port: number }
  database: { url: string; unpooledUrl: string; ownerUrl: string; poolMode: 'session' | 'transaction'; poolMax: number }
  /** Empty where each copy counts limits for itself. */
  redisUrl: string
  /** The first seals; all open. */
  secretKeys: readonly SecretKey[]
  publicOrigin: { scheme: 'http' | 'https'; port: number }
  trustProxy: readonly string[]
  tenancy: { resolvers: readonly string[]; baseDomain: string; apiHosts: readonly string[]; headerTrusted: boolean }
  /** Where they are to lead to: names, the first label perhaps `*`, and addresses. */
  hosts: { targets: readonly string[] }
  /** Port 0: it does not listen. */
  tlsAsk: { host: string; port: number }
  /** Empty: the machine's own. */
  dns: { servers: readonly string[] }
  hashing: { concurrency: number }
  passwords: { breachedDir: string }
  worker: { inside: boolean; concurrency: number }
  /** Milliseconds. */
  stopDelay: number
  mail: { privateHosts: readonly string[] }
  storage: StorageConfig
  /** In bytes: of one file, and of all that a site has. */
  media: { mostBytes: number; quota: number }
  /** Empty where archives are opened by keys. */
  siteArchive: { passphrase: string }
  audit: { retentionDays: number }
  backup: BackupConfig
  /** Of pg_dump and pg_restore. Empty: they are looked for. */
  pgBinDir: string
  log: { level: string }
}

export interface BackupConfig {
  /** Undefined where there are no backups. */
  target: StorageConfig | undefined
  /** Empty: what is sent is not encrypted by us. */
  recipient: string
  identityFile: string
  /** Undefined: backups are not signed, and nobody asks. */
  signingKey: Buffer | undefined
  /** Where they are restored. Empty: told by arguments. */
  restoreUrl: string
  keepDays: number
}

/** A folder, or a bucket. */
export type StorageConfig =
  | { driver: 'disk'; dir: string /** To everybody else on that machine. */; closed?: boolean }
  | {
      driver: 's3'
      bucket: string
      region: string
      /** Empty: Amazon's own. */
      endpoint: string
      /** Where browsers reach it, where that is another address. */
      publicEndpoint: string
      /** Empty: what the machine's role gives. */
      accessKeyId: string
      secretAccessKey: string
      /** Named with all that is put there. Otherwise the bucket's own encryption holds. */
      kmsKey?: string
    }

/** Every fault of the environment in one message; the message holds names and expectations, never values. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

const megabyte = 1024 * 1024

const validator = Compile(Environment)

/** Reads the environment into a frozen Config, or throws ConfigError. */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const given = Object.entries(Environment.properties).flatMap(([name, schema]) => (env[name] ? [[name, read(schema, env[name])]] : []))
  const candidate = Value.Default(Environment, Object.fromEntries(given))
  if (!validator.Check(candidate)) throw new ConfigError(schemaFaults(candidate, env))
  const faults = [...ruleFaults(candidate), ...proxyFaults(candidate, env)]
  if (faults.length > 0) throw new ConfigError(faults)
  return freeze(sections(candidate))
}

/** Digits alone make a number: a general conversion takes "3000.5" for 3000 and a blank for 0. */
function read(schema: object, value: string): string | number {
  return 'type' in schema && schema.type === 'integer' && /^\d{1,9}$/.test(value) ? Number(value) : value
}

function schemaFaults(candidate: unknown, env: Record<string, string | undefined>): string[] {
  const names = new Set(validator.Errors(candidate).map((error) => error.instancePath.split('/')[1] ?? ''))
  const sound = Object.fromEntries(Object.entries(Object(candidate)).filter(([name]) => !names.has(name)))
  // The rules are asked about the sound part too, so that one start shows every fault.
  const rest = Value.Default(Environment, sound)
  return [
    ...[...names].map((name) => `${name} must be ${expectation(name)}`),
    ...(validator.Check(rest) ? [...ruleFaults(rest), ...proxyFaults(rest, env)].filter((fault) => !names.has(fault.split(' ')[0] ?? '')) : []),
  ]
}

function expectation(name: string): string {
  const property: unknown = Reflect.get(Environment.properties, name)
  return property && typeof property === 'object' && 'expects' in property ? String(property.expects) : 'a short text'
}

function ruleFaults(env: Environment): string[] {
  const faults: string[] = []
  const weak = parseKeys(env.SECRET_KEYS).filter(({ key }) => isWeak(key))
  if (weak.length > 0)
    faults.push(`SECRET_KEYS must hold random keys (openssl rand -base64 32): ${weak.map(({ id }) => `"${id}"`).join(', ')} repeats itself`)
  if (env.BACKUP_SIGNING_KEY && isWeak(Buffer.from(env.BACKUP_SIGNING_KEY, 'base64'))) {
    faults.push('BACKUP_SIGNING_KEY must be a random key (openssl rand -base64 32): it repeats itself')
  }
  const ids = parseKeys(env.SECRET_KEYS).map(({ id }) => id)
  if (new Set(ids).size < ids.length) faults.push('SECRET_KEYS must give each key an id of its own')
  const resolvers = env.TENANT_RESOLVERS.split(',')
  if (resolvers.includes('subdomain') && !env.TENANT_BASE_DOMAIN) faults.push('TENANT_BASE_DOMAIN must be set when TENANT_RESOLVERS has subdomain')
  if (resolvers.includes('origin') && !env.TENANT_API_HOSTS) faults.push('TENANT_API_HOSTS must be set when TENANT_RESOLVERS has origin')
  if (new Set(resolvers).size < resolvers.length) faults.push('TENANT_RESOLVERS must name each resolver once')
  for (const name of ['DATABASE_UNPOOLED_URL', 'DATABASE_OWNER_URL'] as const) {
    if (env[name] && !env.DATABASE_URL) faults.push(`DATABASE_URL must be set when ${name} is`)
  }
  if (env.DATABASE_POOL_MODE === 'transaction' && !env.DATABASE_UNPOOLED_URL) {
    faults.push('DATABASE_UNPOOLED_URL must be set when DATABASE_POOL_MODE is transaction: notifications do not pass such a pooler')
  }
  if (!env.S3_ACCESS_KEY_ID !== !env.S3_SECRET_ACCESS_KEY) faults.push('S3_SECRET_ACCESS_KEY must be set together with S3_ACCESS_KEY_ID')
  if (env.BACKUP_BUCKET && env.BACKUP_DIR) faults.push('BACKUP_DIR must not be set together with BACKUP_BUCKET: backups go to one place')
  if (env.REDIS_URL && !URL.canParse(env.REDIS_URL)) faults.push('REDIS_URL must be a redis:// or rediss:// URL')
  if (/\/0+(,|$)/.test(env.TRUST_PROXY)) faults.push('TRUST_PROXY must name your proxies: with /0 anybody could forge addresses and hosts')
  faults.push(...hostFaults(env))
  if (env.NODE_ENV === 'production') faults.push(...productionFaults(env))
  return faults
}

function isWeak(key: Buffer): boolean {
  return new Set(key).size < 16
}

function parseKeys(list: string): SecretKey[] {
  return list
    .split(',')
    .filter(Boolean)
    .map((pair) => {
      const cut = pair.indexOf(':')
      return { id: pair.slice(0, cut), key: Buffer.from(pair.slice(cut + 1), 'base64') }
    })
}

function sections(env: Environment): Config {
  const list = (value: string) => value.split(',').filter(Boolean)
  return {
    production: env.NODE_ENV === 'production',
    dataDir: env.DATA_DIR,
    listen: { host: env.HOST, port: env.PORT },
    database: {
      url: env.DATABASE_URL,
      unpooledUrl: env.DATABASE_UNPOOLED_URL || env.DATABASE_URL,
      ownerUrl: env.DATABASE_OWNER_URL || env.DATABASE_UNPOOLED_URL || env.DATABASE_URL,
      poolMode: env.DATABASE_POOL_MODE,
      poolMax: env.DATABASE_POOL_MAX,
    },
    redisUrl: env.REDIS_URL,
    secretKeys: parseKeys(env.SECRET_KEYS),
    publicOrigin: { scheme: env.PUBLIC_SCHEME, port: env.PUBLIC_PORT },
    trustProxy: env.TRUST_PROXY === 'none' ? [] : list(env.TRUST_PROXY),
    tenancy: {
      resolvers: list(env.TENANT_RESOLVERS),
      baseDomain: env.TENANT_BASE_DOMAIN,
      apiHosts: list(env.TENANT_API_HOSTS),
      headerTrusted: env.TENANT_HEADER === 'on',
    },
    hosts: { targets: list(env.HOST_TARGETS) },
    tlsAsk: { host: env.TLS_ASK_HOST, port: env.TLS_ASK_PORT },
    dns: { servers: list(env.DNS_SERVERS) },
    hashing: { concurrency: env.HASH_CONCURRENCY || Math.max(1, availableParallelism() - 1) },
    passwords: { breachedDir: env.BREACHED_PASSWORDS_DIR },
    worker: { inside: env.WORKER === 'on', concurrency: env.WORKER_CONCURRENCY },
    stopDelay: env.STOP_DELAY_SECONDS * 1_000,
    mail: { privateHosts: list(env.MAIL_PRIVATE_HOSTS.toLowerCase()) },
    storage: storageOf(env),
    media: { mostBytes: env.MEDIA_FILE_MB * megabyte, quota: env.MEDIA_QUOTA_MB * megabyte },
    siteArchive: { passphrase: env.TENANTRY_PASSPHRASE },
    audit: { retentionDays: env.AUDIT_RETENTION_DAYS },
    backup: {
      target: backupTargetOf(env),
      recipient: env.BACKUP_RECIPIENT,
      identityFile: env.BACKUP_IDENTITY_FILE,
      signingKey: env.BACKUP_SIGNING_KEY ? Buffer.from(env.BACKUP_SIGNING_KEY, 'base64') : undefined,
      restoreUrl: env.RESTORE_DATABASE_URL,
      keepDays: env.BACKUP_KEEP_DAYS,
    },
    pgBinDir: env.PG_BIN_DIR,
    log: { level: env.LOG_LEVEL },
  }
}

function storageOf(env: Environment): StorageConfig {
  if (!env.S3_BUCKET) return { driver: 'disk', dir: env.STORAGE_DIR || join(env.DATA_DIR, 'media') }
  return { ...serverOf(env), bucket: env.S3_BUCKET, publicEndpoint: env.S3_PUBLIC_ENDPOINT }
}

function backupTargetOf(env: Environment): StorageConfig | undefined {
  if (!env.BACKUP_BUCKET) return env.BACKUP_DIR ? { driver: 'disk', dir: env.BACKUP_DIR, closed: true } : undefined
  const encryption = env.BACKUP_KMS_KEY ? { kmsKey: env.BACKUP_KMS_KEY } : {}
  return { ...serverOf(env), bucket: env.BACKUP_BUCKET, publicEndpoint: '', ...encryption }
}

function serverOf(env: Environment) {
  return {
    driver: 's3' as const,
    region: env.S3_REGION,
    endpoint: env.S3_ENDPOINT,
    accessKeyId: env.S3_ACCESS_KEY_ID,
    secretAccessKey: env.S3_SECRET_ACCESS_KEY,
  }
}

/** Typed arrays cannot be frozen; their content is left to be trusted. */
function freeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (part && typeof part === 'object' && !ArrayBuffer.isView(part)) freeze(part)
  }
  return Object.freeze(value)
}
