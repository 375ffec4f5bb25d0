import { type Static, Type } from 'typebox'

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
  DATABASE_OWNER_URL: text(
    'The same database past any pooler, by the login that migrates, for `tenantry`. Only where the login of `DATABASE_URL` may not; the service does not use it',
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
  STORAGE_DIR: text('Folder of brand files and media, where no `S3_BUCKET` is set. Default: `media` in `DATA_DIR`. It has to outlive deployments', {
    default: '',
  }),
  S3_BUCKET: text('Bucket of brand files and media, at Amazon S3 or a server that speaks its protocol', {
    default: '',
    pattern: '^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$',
    expects: 'the name of a bucket',
  }),
  S3_REGION: text('Region of the bucket', { default: 'us-east-1', pattern: '^[a-z0-9-]{1,40}$', expects: 'a region such as eu-west-1' }),
  S3_ENDPOINT: text("Address of another server than Amazon's", {
    default: '',
    pattern: '^(https?://[^/\\s]+/?)?$',
    expects: 'an http:// or https:// address without a path',
  }),
  S3_PUBLIC_ENDPOINT: text(
    'Address at which browsers reach the bucket, where that is another one; `none` where they do not: parts of large files then come through the service',
    {
      default: '',
      pattern: '^(none|https?://[^/\\s]+/?)?$',
      expects: 'an http:// or https:// address without a path, or none',
    },
  ),
  S3_ACCESS_KEY_ID: text("Unset: what the machine's own role gives", { default: '', pattern: '^\\S*$', expects: 'an id without blanks' }),
  S3_SECRET_ACCESS_KEY: text('Belongs to `S3_ACCESS_KEY_ID`', { default: '', secret: true }),
  MEDIA_QUOTA_MB: whole("MB that a site's media may take up", {
    default: 10_240,
    minimum: 1,
    maximum: 999_999_999,
    expects: 'a whole number from 1',
  }),
  MEDIA_FILE_MB: whole('MB that one of them may have', { default: 5_120, minimum: 1, maximum: 40_000, expects: 'a whole number from 1 to 40000' }),
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
  HOST_TARGETS: text(
    "Where sites' hosts are to lead to, parted by commas: names for CNAME records (`*.up.railway.app` where the platform gives each host its own), and addresses. Unset: it is not looked at whether hosts lead here",
    {
      default: '',
      pattern: '^((\\*\\.)?[a-z0-9.:-]+(,(\\*\\.)?[a-z0-9.:-]+)*)?$',
      expects: 'a list of names and addresses in lower case, without ports',
    },
  ),
  TLS_ASK_PORT: whole('Port of `GET /internal/tls-ask?domain=`, by which a proxy asks before it gets a certificate, 0 for none. Never a public one', {
    default: 0,
    minimum: 0,
    maximum: 65535,
    expects: 'a port number',
  }),
  TLS_ASK_HOST: text('Address it listens on: one that the proxy alone reaches', { default: '127.0.0.1' }),
  DNS_SERVERS: text(
    "Name servers that answer for sites' hosts and mail domains, as `address` or `address:port`, parted by commas. Default: the machine's own",
    {
      default: '',
      pattern: '^([0-9a-fA-F.:[\\]]+(,[0-9a-fA-F.:[\\]]+)*)?$',
      expects: 'a list of addresses, each with a port or without',
    },
  ),
  HASH_CONCURRENCY: whole('Password hashes computed at once, 0 for one less than the cores', {
    default: 0,
    minimum: 0,
    maximum: 64,
    expects: 'a whole number from 0 to 64',
  }),
  BREACHED_PASSWORDS_DIR: text('Folder of the Have I Been Pwned list, for new passwords. Unset: they are not looked up', { default: '' }),
  WORKER: choice('Whether the HTTP process sends mail too; `off` where `src/worker.ts` runs beside it', ['on', 'off'], 'on'),
  WORKER_CONCURRENCY: whole('Sites served by one worker at once', { default: 10, minimum: 1, maximum: 100, expects: 'a whole number from 1 to 100' }),
  // Caddy as in infra/caddy asks every second.
  STOP_DELAY_SECONDS: whole('Seconds that a copy told to stop goes on serving while `/readyz` answers 503, so that proxies turn away. Embedded: 0', {
    default: 3,
    minimum: 0,
    maximum: 60,
    expects: 'a whole number from 0 to 60',
  }),
  MAIL_PRIVATE_HOSTS: text(
    "Mail servers on private addresses that sites' accounts may use all the same, as `host` or `host:port`, parted by commas",
    {
      default: '',
      pattern: '^([A-Za-z0-9.-]+(:\\d{1,5})?(,|$))*$',
      expects: 'a list of hosts, each with a port or without',
    },
  ),
  TENANTRY_PASSPHRASE: text(
    'Opens and shuts archives of sites, for `tenantry site export` and `import` without a key. The service has no use for it',
    {
      default: '',
      secret: true,
    },
  ),
  AUDIT_RETENTION_DAYS: whole('Days that audit logs go back', { default: 730, minimum: 90, maximum: 36_500, expects: 'a whole number from 90' }),
  BACKUP_BUCKET: text(
    'Bucket of database backups, at the same server and by the same login as `S3_BUCKET` (`S3_REGION`, `S3_ENDPOINT`, keys or role)',
    {
      default: '',
      pattern: '^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$',
      expects: 'the name of a bucket',
    },
  ),
  BACKUP_DIR: text('Folder of database backups, where no `BACKUP_BUCKET` is set. Neither: there are none', { default: '' }),
  BACKUP_KMS_KEY: text('Key of Amazon KMS that the backup bucket encrypts by: its id or ARN', {
    default: '',
    pattern: '^[A-Za-z0-9:/_-]*$',
    expects: 'the id or the ARN of a key',
  }),
  BACKUP_RECIPIENT: text('Public key for which backups are encrypted before they leave (`age-keygen`)', {
    default: '',
    pattern: '^(age1[a-z0-9]{58,4000})?$',
    expects: 'a public key of age, which begins with age1',
  }),
  BACKUP_IDENTITY_FILE: text(
    'File of the private half of `BACKUP_RECIPIENT`, to open backups. Only where they are restored, never where they are made',
    {
      default: '',
    },
  ),
  BACKUP_SIGNING_KEY: text(
    'Signs backups where they are made; where they are restored only what it has signed is taken: base64 of 32 random bytes. Unset: anybody who may write there can put one of their own',
    {
      default: '',
      pattern: '^([A-Za-z0-9+/]{43}=)?$',
      expects: 'base64 of exactly 32 bytes (openssl rand -base64 32)',
      secret: true,
    },
  ),
  RESTORE_DATABASE_URL: text(
    'Where `tenantry backup restore` (an empty database) and `drill` (a server of their own) go to. A password in it is read by nobody else',
    {
      default: '',
      pattern: '^(postgres(ql)?://.+)?$',
      expects: 'a postgresql:// URL',
      secret: true,
    },
  ),
  BACKUP_KEEP_DAYS: whole('Days that backups stay in `BACKUP_DIR`; of a bucket its lifecycle decides', {
    default: 30,
    minimum: 1,
    maximum: 3_650,
    expects: 'a whole number from 1 to 3650',
  }),
  PG_BIN_DIR: text('Folder of pg_dump and pg_restore. Unset: found in PATH or in /usr/lib/postgresql/17/bin', { default: '' }),
  LOG_LEVEL: choice('Least level that is logged', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
})

export type Environment = Static<typeof Environment>
