import { test } from 'tap'
import { ConfigError, loadConfig } from '../src/config.ts'

const key = (id: string, start = 0) => `${id}:${Buffer.from(Array.from({ length: 32 }, (_byte, at) => (start + at * 7) % 256)).toString('base64')}`
const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://tenantry:k3l9-vmq2@db.internal/tenantry',
  SECRET_KEYS: key('2026a'),
  TRUST_PROXY: '10.0.0.0/8',
  S3_BUCKET: 'example-media',
}

function faultsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const named = (faults: readonly string[]) => faults.map((fault) => fault.split(' ')[0]).sort()

test('an empty environment is a working one outside production', (t) => {
  const config = loadConfig({})
  t.equal(config.production, false)
  t.same(config.listen, { host: '::', port: 3000 })
  t.same(config.database, { url: '', unpooledUrl: '', ownerUrl: '', poolMode: 'session', poolMax: 10 })
  t.same(config.tenancy, { resolvers: ['host'], baseDomain: '', apiHosts: [], headerTrusted: false })
  t.ok(config.hashing.concurrency >= 1)
  t.equal(config.passwords.breachedDir, '')
  t.end()
})

test('what is set is read into its section', (t) => {
  const config = loadConfig({
    ...production,
    DATABASE_UNPOOLED_URL: 'postgresql://tenantry:k3l9-vmq2@direct.internal/tenantry',
    DATABASE_OWNER_URL: 'postgresql://owner:k3l9-vmq2@direct.internal/tenantry',
    DATABASE_POOL_MODE: 'transaction',
    DATABASE_POOL_MAX: '25',
    PORT: '8080',
    SECRET_KEYS: `${key('new', 1)},${key('old', 2)}`,
    TRUST_PROXY: 'loopback,10.0.0.0/8,fd00::/8',
    TENANT_RESOLVERS: 'subdomain,origin,./resolvers/ours.ts',
    TENANT_BASE_DOMAIN: 'sites.example',
    TENANT_API_HOSTS: 'api.example,api2.example',
    HASH_CONCURRENCY: '3',
    BREACHED_PASSWORDS_DIR: '/srv/pwned',
  })
  t.same(config.database, {
    url: production.DATABASE_URL,
    unpooledUrl: 'postgresql://tenantry:k3l9-vmq2@direct.internal/tenantry',
    ownerUrl: 'postgresql://owner:k3l9-vmq2@direct.internal/tenantry',
    poolMode: 'transaction',
    poolMax: 25,
  })
  t.same(
    config.secretKeys.map(({ id, key: bytes }) => [id, bytes.length]),
    [
      ['new', 32],
      ['old', 32],
    ],
  )
  t.same(config.trustProxy, ['loopback', '10.0.0.0/8', 'fd00::/8'])
  t.match(config.tenancy, {
    resolvers: ['subdomain', 'origin', './resolvers/ours.ts'],
    baseDomain: 'sites.example',
    apiHosts: ['api.example', 'api2.example'],
  })
  t.equal(config.hashing.concurrency, 3)
  t.equal(config.passwords.breachedDir, '/srv/pwned')
  t.equal(loadConfig(production).database.unpooledUrl, production.DATABASE_URL, 'without an address past the pooler, the only one')
  t.equal(loadConfig(production).database.ownerUrl, production.DATABASE_URL, 'and without a login of its own for what migrates')
  t.end()
})

test('an empty variable counts as unset, and a foreign one is not read', (t) => {
  t.same(loadConfig({ PORT: '', LOG_LEVEL: '', PATH: '/bin' }), loadConfig({}))
  t.end()
})

test('a pooler in transaction mode needs a way past it, and nobody trusts every address', (t) => {
  const { DATABASE_URL } = production
  t.same(named(faultsOf({ DATABASE_URL, DATABASE_POOL_MODE: 'transaction' })), ['DATABASE_UNPOOLED_URL'])
  t.same(faultsOf({ DATABASE_URL, DATABASE_UNPOOLED_URL: DATABASE_URL, DATABASE_POOL_MODE: 'transaction' }), [])
  for (const everybody of ['0.0.0.0/0', '10.0.0.1,::/0']) t.same(named(faultsOf({ TRUST_PROXY: everybody })), ['TRUST_PROXY'])
  t.same(faultsOf({ TRUST_PROXY: '10.0.0.0/8' }), [])
  t.end()
})

test('where a platform says that it runs the service, the proxy has to be named; values and other variables say nothing', (t) => {
  for (const name of ['RAILWAY_PROJECT_ID', 'RENDER', 'FLY_APP_NAME', 'DYNO', 'K_SERVICE', 'WEBSITE_SITE_NAME']) {
    const faults = faultsOf({ [name]: 'hunter2' })
    t.same(named(faults), ['TRUST_PROXY'], name)
    t.match(faults[0], /on [A-Z].*none where clients really connect directly/)
    t.notMatch(faults[0], /hunter2/)
    t.same(faultsOf({ [name]: 'hunter2', TRUST_PROXY: 'uniquelocal' }), [])
    t.same(faultsOf({ [name]: 'hunter2', TRUST_PROXY: 'none' }), [])
    t.same(faultsOf({ [name]: '' }), [])
  }
  t.same(named(faultsOf({ RENDER: 'true', PORT: 'x' })), ['PORT', 'TRUST_PROXY'], 'beside other faults too')
  t.same(faultsOf({ KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'pod' }), [], 'a pod alone has no proxy')
  t.same(named(faultsOf({ NODE_ENV: 'production', KUBERNETES_SERVICE_HOST: '10.0.0.1' })).includes('TRUST_PROXY'), true, 'production has one')
  t.end()
})

test('TRUST_PROXY=none trusts nobody, and stands alone', (t) => {
  t.same(loadConfig({ ...production, TRUST_PROXY: 'none' }).trustProxy, [])
  for (const mixed of ['none,10.0.0.0/8', '10.0.0.0/8,none', 'None']) t.same(named(faultsOf({ TRUST_PROXY: mixed })), ['TRUST_PROXY'], mixed)
  t.end()
})

test('REDIS_URL is a redis address with the number of a database or without', (t) => {
  for (const good of ['redis://127.0.0.1:6379', 'rediss://user:p%2Fw@redis.internal:6380/3', 'redis://:secret@redis', 'redis://[::1]:6379/0']) {
    t.equal(loadConfig({ REDIS_URL: good }).redisUrl, good)
  }
  for (const bad of [
    '127.0.0.1:6379',
    'http://redis',
    'redis://',
    'redis:///1',
    'redis://a/b',
    'redis://a/1/2',
    'redis://a:port',
    'redis://a b',
    'redis://x:hunter2@',
  ]) {
    const faults = faultsOf({ REDIS_URL: bad })
    t.same(named(faults), ['REDIS_URL'], bad)
    t.notMatch(faults[0], /hunter2/)
  }
  t.equal(loadConfig({}).redisUrl, '')
  t.end()
})

test('files are kept in a folder, or in a bucket where one is named', (t) => {
  t.same(loadConfig({}).storage, { driver: 'disk', dir: '.data/media' })
  t.same(loadConfig({ DATA_DIR: '/srv' }).storage, { driver: 'disk', dir: '/srv/media' })
  t.same(loadConfig({ STORAGE_DIR: '/srv/files' }).storage, { driver: 'disk', dir: '/srv/files' })
  const own = { S3_BUCKET: 'sites-media', S3_REGION: 'eu-west-3' }
  const amazon = { driver: 's3', bucket: 'sites-media', region: 'eu-west-3', endpoint: '', publicEndpoint: '', accessKeyId: '', secretAccessKey: '' }
  t.same(loadConfig(own).storage, amazon)
  const keys = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'hunter2' }
  const other = { S3_ENDPOINT: 'http://127.0.0.1:7070', S3_PUBLIC_ENDPOINT: 'https://files.example' }
  t.match(loadConfig({ ...own, ...keys, ...other }).storage, {
    endpoint: 'http://127.0.0.1:7070',
    publicEndpoint: 'https://files.example',
    accessKeyId: 'id',
    secretAccessKey: 'hunter2',
  })
  for (const half of Object.entries(keys)) t.same(named(faultsOf({ ...own, ...Object.fromEntries([half]) })), ['S3_SECRET_ACCESS_KEY'])
  for (const bad of ['A', 'a', 'UPPER', 'a_b', 'a/b', 's3://a']) t.same(named(faultsOf({ S3_BUCKET: bad })), ['S3_BUCKET'], bad)
  for (const bad of ['s3.example', 'ftp://s3', 'http://s3/bucket', 'http://']) t.same(named(faultsOf({ S3_ENDPOINT: bad })), ['S3_ENDPOINT'], bad)
  t.end()
})

test('every fault is told at once, by name', (t) => {
  const faults = faultsOf({
    NODE_ENV: 'production',
    PORT: '70000',
    DATABASE_POOL_MODE: 'statement',
    DATABASE_POOL_MAX: 'many',
    SECRET_KEYS: 'a:short',
    TRUST_PROXY: 'everybody',
    TENANT_RESOLVERS: 'host,subdomain,host',
    PUBLIC_SCHEME: 'http',
    LOG_LEVEL: 'loud',
  })
  t.same(named(faults), [
    'DATABASE_POOL_MAX',
    'DATABASE_POOL_MODE',
    'DATABASE_URL',
    'LOG_LEVEL',
    'PORT',
    'PUBLIC_SCHEME',
    'S3_BUCKET',
    'SECRET_KEYS',
    'TENANT_BASE_DOMAIN',
    'TENANT_RESOLVERS',
    'TRUST_PROXY',
  ])
  const message = new ConfigError(faults).message
  for (const fault of faults) t.ok(message.includes(fault), fault)
  t.end()
})

test('no value appears in a message', (t) => {
  const values = {
    DATABASE_URL: 'mysql://root:hunter2@db/x',
    SECRET_KEYS: 'a:aHVudGVyMg==',
    PORT: 'hunter2',
    TENANT_BASE_DOMAIN: 'HUNTER2',
    LOG_LEVEL: 'hunter2',
  }
  const message = new ConfigError(faultsOf({ NODE_ENV: 'production', ...values })).message
  t.match(message, /DATABASE_URL must be a postgresql/)
  t.notMatch(message, /hunter2|aHVudGVyMg/i)
  t.notMatch(new ConfigError(faultsOf({ ...production, DATABASE_URL: 'postgresql://x:changeme@db/x' })).message, /changeme|db\/x/)
  t.end()
})

test('production refuses what development gets by with', (t) => {
  t.same(faultsOf(production), [])
  const refused: Record<string, [Record<string, string | undefined>, string]> = {
    'no database': [{ DATABASE_URL: undefined }, 'DATABASE_URL'],
    'nowhere to keep files': [{ S3_BUCKET: undefined }, 'S3_BUCKET'],
    'no keys': [{ SECRET_KEYS: undefined }, 'SECRET_KEYS'],
    'no proxy': [{ TRUST_PROXY: undefined }, 'TRUST_PROXY'],
    'plain http': [{ PUBLIC_SCHEME: 'http' }, 'PUBLIC_SCHEME'],
    'a well-known password': [{ DATABASE_URL: 'postgresql://postgres:postgres@db/x' }, 'DATABASE_URL'],
    'one in capitals': [{ DATABASE_URL: 'postgresql://postgres:ChangeMe@db/x' }, 'DATABASE_URL'],
    'one that is escaped': [{ DATABASE_URL: 'postgresql://postgres:%70ostgres@db/x' }, 'DATABASE_URL'],
    'one past the pooler': [{ DATABASE_UNPOOLED_URL: 'postgresql://postgres:admin@db/x' }, 'DATABASE_UNPOOLED_URL'],
    'one that migrates': [{ DATABASE_OWNER_URL: 'postgresql://postgres:admin@db/x' }, 'DATABASE_OWNER_URL'],
  }
  for (const [name, [change, variable]] of Object.entries(refused)) {
    t.same(named(faultsOf({ ...production, ...change })), [variable], name)
    t.same(faultsOf({ ...production, ...change, NODE_ENV: 'development' }), [], `${name}, in development`)
  }
  t.end()
})

test('a weak or doubled key is refused everywhere', (t) => {
  const zeros = `a:${Buffer.alloc(32).toString('base64')}`
  const typed = `a:${Buffer.from('passwordpasswordpasswordpassword').toString('base64')}`
  t.same(named(faultsOf({ SECRET_KEYS: zeros })), ['SECRET_KEYS'])
  t.same(named(faultsOf({ SECRET_KEYS: typed })), ['SECRET_KEYS'])
  t.same(named(faultsOf({ SECRET_KEYS: `${key('a', 1)},${key('a', 2)}` })), ['SECRET_KEYS'])
  for (const malformed of ['a', 'a:', ':x', 'a:AAAA', `${key('a')},`, `${key('a')} `, key('ä')]) {
    t.same(named(faultsOf({ SECRET_KEYS: malformed })), ['SECRET_KEYS'], malformed.slice(0, 12))
  }
  t.end()
})

test('settings that need another one say which', (t) => {
  t.same(named(faultsOf({ TENANT_RESOLVERS: 'subdomain' })), ['TENANT_BASE_DOMAIN'])
  t.same(named(faultsOf({ TENANT_RESOLVERS: 'origin' })), ['TENANT_API_HOSTS'])
  for (const name of ['DATABASE_UNPOOLED_URL', 'DATABASE_OWNER_URL'])
    t.same(named(faultsOf({ [name]: 'postgresql://x@y/z' })), ['DATABASE_URL'], name)
  t.end()
})

test('where hosts lead to and who is asked are whole names and addresses, and what a proxy asks has a port of its own', (t) => {
  const env = { HOST_TARGETS: 'sites.hub.example,*.up.railway.app,192.0.2.1,2001:db8::1', DNS_SERVERS: '9.9.9.9,127.0.0.1:5353,2620:fe::fe,[::1]:53' }
  const config = loadConfig({ ...env, TLS_ASK_PORT: '3001', TLS_ASK_HOST: '::' })
  t.same(config.hosts, { targets: ['sites.hub.example', '*.up.railway.app', '192.0.2.1', '2001:db8::1'] })
  t.same(config.dns, { servers: ['9.9.9.9', '127.0.0.1:5353', '2620:fe::fe', '[::1]:53'] })
  t.same(config.tlsAsk, { host: '::', port: 3001 })
  t.same([loadConfig({}).hosts.targets, loadConfig({}).dns.servers, loadConfig({}).tlsAsk], [[], [], { host: '127.0.0.1', port: 0 }])
  const faulty = ['256.1.1.1', 'single', '*', '*.*.example', 'a..example', 'sites.hub.example:443', '2001:db8:::1', 'Sites.example', 'a_b.example']
  for (const targets of faulty) t.same(named(faultsOf({ HOST_TARGETS: targets })), ['HOST_TARGETS'], targets)
  for (const servers of ['9.9.9', 'dns.example', '9.9.9.9:x', '[9.9.9.9', '::1:::'])
    t.same(named(faultsOf({ DNS_SERVERS: servers })), ['DNS_SERVERS'], servers)
  t.same(named(faultsOf({ PORT: '3000', TLS_ASK_PORT: '3000' })), ['TLS_ASK_PORT'])
  t.end()
})

test('numbers are whole and within bounds', (t) => {
  for (const port of ['-1', '65536', '3000.5', '0x10', '1e3', 'NaN', ' ', '３０００']) t.same(named(faultsOf({ PORT: port })), ['PORT'], port)
  for (const max of ['0', '501', 'Infinity']) t.same(named(faultsOf({ DATABASE_POOL_MAX: max })), ['DATABASE_POOL_MAX'], max)
  t.end()
})

test('the configuration is frozen, all the way down', (t) => {
  const config = loadConfig(production)
  t.ok(Object.isFrozen(config) && Object.isFrozen(config.database) && Object.isFrozen(config.tenancy.resolvers) && Object.isFrozen(config.secretKeys))
  t.throws(() => Reflect.apply(Array.prototype.push, config.tenancy.resolvers, ['token']), TypeError)
  t.throws(() => Object.assign(config.database, { url: '' }), TypeError)
  t.end()
})
