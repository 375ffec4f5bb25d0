import { availableParallelism } from 'node:os'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { productionFaults, proxyFaults } from './config/production-faults.ts'

const text = (description: string, options: object = {}) => Type.String({ description, maxLength: 8192, ...options })
const whole = (description: string, options: { default: number; minimum: number; maximum: number; expects: string }) =>
  Type.Integer({ description, ...options })
const choice = <T extends string>(description: string, values: T[], preset: NoInfer<T>) =>
  Type.Enum(values, { description, default: preset, expects: `one of ${values.join(', ')}` })

const hostList = '^([a-z0-9.-]+(,[a-z0-9.-]+)*)?$'

/**
 * Every variable the service reads. `.env.example` and the table in README.md are held to it by a test.
 * `expects` completes the sentence "NAME must be …"; values never appear in messages.
 */
export const Environment = Type.Object({
  NODE_ENV: choice('`production` refuses embedded defaults and weak secrets', ['development', 'test', 'production'], 'development'),
  HOST: text('Address to listen on', { default: '::' }),
  PORT: whole('Port to listen on', { default: 3000, minimum: 0, maximum: 65535, expects: 'a port number' }),
  DATA_DIR: text('Folder of the embedded database and its secrets; not used in production', { default: '.data' }),
  DATABASE_URL: text('PostgreSQL 17, by any login that may take the role `tenantry_app`. Unset outside production: an embedded PostgreSQL', {
    default: '',
    pattern: '^(postgres(ql)?://.+)?$',
    expects: 'a postgresql:// URL',
  }),
  DATABASE_UNPOOLED_URL: text(
    'The same database past any pooler: migrations and notifications need a session of their own. Default: `DATABASE_URL`; has to be set in `transaction` mode',
    {
      default: '',
      pattern: '^(postgres(ql)?://.+)?$',
      expects: 'a postgresql:// URL',
    },
  ),
  DATABASE_POOL_MODE: choice('`transaction` behind PgBouncer in transaction mode, otherwise `session`', ['session', 'transaction'], 'session'),
  DATABASE_POOL_MAX: whole('Connections per process', { default: 10, minimum: 1, maximum: 500, expects: 'a whole number from 1 to 500' }),
  REDIS_URL: text('Redis or Valkey in which all copies of the service count limits together. Unset: each copy counts for itself', {
    default: '',
    pattern: '^(rediss?://([^@/\\s]*@)?[^@/\\s]+(/\\d{0,4})?)?$',
    expects: 'a redis:// or rediss:// URL, with the number of a database or without',
    secret: true,
  }),
  SECRET_KEYS: text(
    'Keys that seal secrets at rest: `id:base64` of 32 random bytes, newest first, parted by commas. Outside production: made and kept in `DATA_DIR`',
    {
      default: '',
      pattern: '^([A-Za-z0-9_-]{1,32}:[A-Za-z0-9+/]{43}=(,[A-Za-z0-9_-]{1,32}:[A-Za-z0-9+/]{43}=)*)?$',
      expects: 'a list of id:base64 pairs, each of exactly 32 bytes (openssl rand -base64 32)',
      secret: true,
    },
  ),
  PUBLIC_SCHEME: choice("Scheme of every site's public address", ['https', 'http'], 'https'),
  PUBLIC_PORT: whole("Port of every site's public address, 0 for the scheme's own", {
    default: 0,
    minimum: 0,
    maximum: 65535,
    expects: 'a port number',
  }),
  TRUST_PROXY: text(
    'Addresses or networks of the proxies whose X-Forwarded-* headers count, parted by commas (`loopback`, `10.0.0.0/8`); `none` where clients connect directly. Has to be set in production and on hosting platforms',
    {
      default: '',
      pattern: '^(none|((loopback|linklocal|uniquelocal|[0-9a-fA-F.:]+(/\\d{1,3})?)(,|$))*)$',
      expects: 'a list of addresses, networks, loopback, linklocal or uniquelocal, or none',
    },
  ),
  TENANT_RESOLVERS: text(
    'How a request names its tenant, in order: `host`, `subdomain`, `origin`, `path`, `header`, `token`, or the path of a module of your own',
    {
      default: 'host',
      pattern: '^[^,\\s]+(,[^,\\s]+)*$',
      expects: 'a list of resolver names or module paths',
    },
  ),
  TENANT_BASE_DOMAIN: text('For `subdomain`: the domain whose first label names the tenant', {
    default: '',
    pattern: '^[a-z0-9.-]*$',
    expects: 'a domain in lower case, without a port',
  }),
  TENANT_API_HOSTS: text('Hosts shared by all tenants, where another resolver names the tenant, parted by commas', {
    default: '',
    pattern: hostList,
    expects: 'a list of hosts in lower case, without ports',
  }),
  TENANT_HEADER: choice('For `header`: whether `X-Tenant-ID` counts without an API key. Only behind a gateway that sets it', ['off', 'on'], 'off'),
  HASH_CONCURRENCY: whole('Password hashes computed at once, 0 for one less than the cores', {
    default: 0,
    minimum: 0,
    maximum: 64,
    expects: 'a whole number from 0 to 64',
  }),
  BREACHED_PASSWORDS_DIR: text('Folder of the Have I Been Pwned list, for new passwords. Unset: they are not looked up', { default: '' }),
  WORKER: choice('Whether the HTTP process sends mail too; `off` where `src/worker.ts` runs beside it', ['on', 'off'], 'on'),
  WORKER_CONCURRENCY: whole('Sites served by one worker at once', { default: 10, minimum: 1, maximum: 100, expects: 'a whole number from 1 to 100' }),
  MAIL_PRIVATE_HOSTS: text(
    "Mail servers on private addresses that sites' accounts may use all the same, as `host` or `host:port`, parted by commas",
    {
      default: '',
      pattern: '^([A-Za-z0-9.-]+(:\\d{1,5})?(,|$))*$',
      expects: 'a list of hosts, each with a port or without',
    },
  ),
  AUDIT_RETENTION_DAYS: whole('Days that audit logs go back', { default: 730, minimum: 90, maximum: 36_500, expects: 'a whole number from 90' }),
  LOG_LEVEL: choice('Least level that is logged', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
})

type Environment = Static<typeof Environment>

export interface SecretKey {
  id: string
  /** 32 bytes */
  key: Buffer
}

export interface Config {
  production: boolean
  dataDir: string
  listen: { host: string; port: number }
  database: { url: string; unpooledUrl: string; poolMode: 'session' | 'transaction'; poolMax: number }
  /** Empty where each copy counts limits for itself. */
  redisUrl: string
  /** The first seals; all open. */
  secretKeys: readonly SecretKey[]
  publicOrigin: { scheme: 'http' | 'https'; port: number }
  trustProxy: readonly string[]
  tenancy: { resolvers: readonly string[]; baseDomain: string; apiHosts: readonly string[]; headerTrusted: boolean }
  hashing: { concurrency: number }
  passwords: { breachedDir: string }
  worker: { inside: boolean; concurrency: number }
  mail: { privateHosts: readonly string[] }
  audit: { retentionDays: number }
  log: { level: string }
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
  const weak = parseKeys(env.SECRET_KEYS).filter(({ key }) => new Set(key).size < 16)
  if (weak.length > 0)
    faults.push(`SECRET_KEYS must hold random keys (openssl rand -base64 32): ${weak.map(({ id }) => `"${id}"`).join(', ')} repeats itself`)
  const ids = parseKeys(env.SECRET_KEYS).map(({ id }) => id)
  if (new Set(ids).size < ids.length) faults.push('SECRET_KEYS must give each key an id of its own')
  const resolvers = env.TENANT_RESOLVERS.split(',')
  if (resolvers.includes('subdomain') && !env.TENANT_BASE_DOMAIN) faults.push('TENANT_BASE_DOMAIN must be set when TENANT_RESOLVERS has subdomain')
  if (resolvers.includes('origin') && !env.TENANT_API_HOSTS) faults.push('TENANT_API_HOSTS must be set when TENANT_RESOLVERS has origin')
  if (new Set(resolvers).size < resolvers.length) faults.push('TENANT_RESOLVERS must name each resolver once')
  if (env.DATABASE_UNPOOLED_URL && !env.DATABASE_URL) faults.push('DATABASE_URL must be set when DATABASE_UNPOOLED_URL is')
  if (env.DATABASE_POOL_MODE === 'transaction' && !env.DATABASE_UNPOOLED_URL) {
    faults.push('DATABASE_UNPOOLED_URL must be set when DATABASE_POOL_MODE is transaction: notifications do not pass such a pooler')
  }
  if (env.REDIS_URL && !URL.canParse(env.REDIS_URL)) faults.push('REDIS_URL must be a redis:// or rediss:// URL')
  if (/\/0+(,|$)/.test(env.TRUST_PROXY)) faults.push('TRUST_PROXY must name your proxies: with /0 anybody could forge addresses and hosts')
  if (env.NODE_ENV === 'production') faults.push(...productionFaults(env))
  return faults
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
    hashing: { concurrency: env.HASH_CONCURRENCY || Math.max(1, availableParallelism() - 1) },
    passwords: { breachedDir: env.BREACHED_PASSWORDS_DIR },
    worker: { inside: env.WORKER === 'on', concurrency: env.WORKER_CONCURRENCY },
    mail: { privateHosts: list(env.MAIL_PRIVATE_HOSTS.toLowerCase()) },
    audit: { retentionDays: env.AUDIT_RETENTION_DAYS },
    log: { level: env.LOG_LEVEL },
  }
}

/** Typed arrays cannot be frozen; their content is left to be trusted. */
function freeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (part && typeof part === 'object' && !ArrayBuffer.isView(part)) freeze(part)
  }
  return Object.freeze(value)
}
