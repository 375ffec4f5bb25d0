import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyServerOptions, LogController } from 'fastify'
import { accessTable } from '../plugins/access.ts'
import { authPolicy } from '../plugins/auth-policy.ts'
import { branding } from '../plugins/branding.ts'
import { captcha } from '../plugins/captcha.ts'
import { cors } from '../plugins/cors.ts'
import { csrf } from '../plugins/csrf.ts'
import { database } from '../plugins/database.ts'
import { directory as directoryPlugin } from '../plugins/directory.ts'
import { dns } from '../plugins/dns.ts'
import { drain } from '../plugins/drain.ts'
import { edge } from '../plugins/edge.ts'
import { forwarded } from '../plugins/forwarded.ts'
import { identity, type Limits } from '../plugins/identity.ts'
import { mail } from '../plugins/mail.ts'
import { openapi } from '../plugins/openapi.ts'
import { prepareProblem, problems, refuseConnection, sendProblem } from '../plugins/problem.ts'
import { publicCache } from '../plugins/public-cache.ts'
import { readiness } from '../plugins/readiness.ts'
import { requestLog } from '../plugins/request-log.ts'
import { schemas } from '../plugins/schemas.ts'
import { session } from '../plugins/session.ts'
import { staticFiles } from '../plugins/static-files.ts'
import { storage } from '../plugins/storage.ts'
import { tenant } from '../plugins/tenant.ts'
import { uploads } from '../plugins/uploads.ts'
import { auditRoutes } from './audit/routes.ts'
import { createApiKeys } from './auth/api-keys/api-key-store.ts'
import { createSigningKeys } from './auth/keys/signing-keys.ts'
import { accountPages } from './auth/pages/routes.ts'
import { memberAuthRoutes, publicAuthRoutes, staffAuthRoutes } from './auth/routes.ts'
import { createOperators } from './auth/sessions/operators.ts'
import { createStandings } from './auth/sessions/standing.ts'
import { createBrandFiles } from './branding/files/brand-files.ts'
import { publicBrandingRoutes, staffBrandingRoutes } from './branding/routes.ts'
import type { Config } from './config.ts'
import { publicContentRoutes } from './content/routes.ts'
import { openDatabase } from './db/client.ts'
import { createNotifications } from './db/notifications.ts'
import { createReadiness } from './db/readiness.ts'
import { problem } from './errors.ts'
import { readBuiltAssets } from './files/built-assets.ts'
import { createImages } from './files/images.ts'
import { loggerOptions } from './logger-options.ts'
import { createProviderOpener, type OpenerOptions } from './mail/providers/open-provider.ts'
import { publicMailRoutes, staffMailRoutes } from './mail/routes.ts'
import { publicMediaRoutes, staffMediaRoutes } from './media/routes.ts'
import { assetRoutes } from './platform/assets.ts'
import { healthRoutes } from './platform/health.ts'
import { consoleRoutes } from './platform/routes.ts'
import { type CaptchaVerifierOptions, createCaptchaVerifier } from './security/captcha/verify-captcha.ts'
import { createChallengeMint } from './security/challenge-secrets.ts'
import { createDns, type Dns } from './security/dns/dns-lookup.ts'
import { createLimits } from './security/limits/create-limits.ts'
import { openLimitStore } from './security/limits/open-limit-store.ts'
import type { RedisLinkOptions } from './security/limits/redis-link.ts'
import { createPasswordHasher } from './security/passwords/password-hasher.ts'
import { createPasswordHints } from './security/passwords/password-hints.ts'
import { createPasswordRules } from './security/passwords/password-rules.ts'
import { newId } from './security/random-token.ts'
import { createRefreshTokens } from './security/refresh-token.ts'
import { createSecretBox } from './security/secret-box.ts'
import type { ObjectStorage } from './storage/object-storage.ts'
import { openStorage } from './storage/open-storage.ts'
import { createAuthPolicies } from './tenancy/auth-policy.ts'
import { createBrowserOrigins } from './tenancy/browser-origins.ts'
import type { Scope } from './tenancy/define-flow.ts'
import { createDirectory } from './tenancy/directory.ts'
import { createPublicCache } from './tenancy/public-cache.ts'
import { readTenant } from './tenancy/read-tenant.ts'
import { loadResolvers } from './tenancy/resolvers/load-resolvers.ts'
import { takeSlugFromPath } from './tenancy/resolvers/path.ts'

/** What tests and the bench exchange. */
export interface Overrides {
  logger?: NonNullable<FastifyServerOptions['logger']>
  limits?: Partial<Limits>
  redis?: Pick<RedisLinkOptions, 'commandTime' | 'connectTime'>
  /** Bytes of public answers kept; 0 turns the cache off. */
  publicCacheBytes?: number
  /** As in plugins/edge.ts; a machine that runs tests beside each other lags for other reasons than callers. */
  maxEventLoopDelay?: number
  bodyTimeout?: number
  mail?: { dns?: Dns } & Partial<Omit<OpenerOptions, 'privateHosts'>>
  captcha?: CaptchaVerifierOptions
  storage?: ObjectStorage
  /** Routes beside those of the sites: what runs outside production has some. */
  outside?: (scope: Scope) => Promise<void>
}

const publicCacheBytes = 32 * 1024 * 1024

/** The whole service: resources, then what every request meets, then the routes of each audience. */
export async function buildApp(config: Config, overrides: Overrides = {}) {
  // First, because these may refuse to start.
  const passwordRules = await createPasswordRules(config.passwords)
  const assets = await readBuiltAssets()
  const app = fastify({
    logger: overrides.logger ?? loggerOptions(config),
    genReqId: () => newId(),
    requestIdHeader: false,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    bodyLimit: 1024 * 1024,
    // Bodies have their time from the edge: a file takes as long as it keeps coming.
    requestTimeout: 0,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 200 },
    http: { requireHostHeader: false, maxHeaderSize: 16_384, headersTimeout: 30_000 },
    // One line per request, by the edge, when it is over.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: sendProblem,
    clientErrorHandler: refuseConnection,
    return503OnClosing: false,
    ...(config.tenancy.resolvers.includes('path') ? { rewriteUrl: takeSlugFromPath } : {}),
  }).withTypeProvider<TypeBoxTypeProvider>()

  const { url, poolMode: mode, poolMax: max, unpooledUrl } = config.database
  const db = openDatabase({ url, mode, max, onError: (err) => app.log.warn({ err }, 'an idle database connection failed') })
  const notifications = createNotifications(unpooledUrl, (err) => app.log.warn({ err }, 'the notification connection failed; reconnecting'))
  const box = createSecretBox(config.secretKeys)
  const directory = createDirectory({ read: (locator) => readTenant(db, locator), notifications })
  const limitStore = await openLimitStore({
    redisUrl: config.redisUrl,
    secrets: box.deriveKeys('names of limits'),
    ...overrides.redis,
    onAway: (err) => app.log.warn({ err }, 'Redis is away; until it is back this copy counts its limits alone'),
    onBack: () => app.log.info('Redis is back; limits are shared again'),
  })
  app.addHook('onClose', async () => limitStore.close())

  await app.register(requestLog)
  await app.register(problems)
  const { maxEventLoopDelay = 1_000, bodyTimeout = 30_000 } = overrides
  await app.register(edge, { config, maxEventLoopDelay, bodyTimeout })
  await app.register(schemas)
  await app.register(forwarded)
  await app.register(openapi)
  await app.register(database, { database: db, notifications })
  await app.register(directoryPlugin, { directory })
  await app.register(storage, { storage: overrides.storage ?? (await openStorage(config.storage)) })
  const images = createImages()
  await app.register(uploads, { images })
  await app.register(branding, { brandFiles: createBrandFiles(images) })
  await app.register(staticFiles, { assets })
  await app.register(readiness, { readiness: createReadiness(db, (err) => app.log.error({ err }, 'waiting for the database')) })
  await app.register(drain)
  await app.register(publicCache, { config, publicCache: createPublicCache(overrides.publicCacheBytes ?? publicCacheBytes) })
  await app.register(identity, {
    hasher: createPasswordHasher({ concurrency: config.hashing.concurrency, queue: 128 }),
    passwordRules,
    passwordHints: createPasswordHints(),
    refreshTokens: createRefreshTokens(box.deriveKeys('refresh tokens')),
    challengeMint: createChallengeMint(box.deriveKeys('challenges')),
    secretBox: box,
    limits: { ...createLimits(limitStore.store), ...overrides.limits },
  })

  await app.register(authPolicy, { authPolicies: createAuthPolicies() })
  await app.register(captcha, { captcha: createCaptchaVerifier(overrides.captcha) })
  await app.register(dns, { dns: overrides.mail?.dns ?? createDns({ servers: config.dns.servers }) })
  await app.register(mail, { mailProviders: createProviderOpener({ ...overrides.mail, privateHosts: config.mail.privateHosts }) })

  await app.register(healthRoutes)
  await app.register(assetRoutes)
  if (overrides.outside) await app.register(overrides.outside)
  const resolvers = await loadResolvers(config.tenancy)
  await app.register(async (site: Scope) => {
    site.addHook('onRequest', (request, _reply, done) => done(request.server.readiness.open ? undefined : problem('NOT_READY', { retryAfter: 2 })))
    await site.register(tenant, { directory, resolvers })
    await site.register(cors, { browserOrigins: createBrowserOrigins(config.publicOrigin) })
    await site.register(csrf)
    await site.register(session, {
      config,
      signingKeys: createSigningKeys(box),
      standings: createStandings(notifications),
      apiKeys: createApiKeys({ notifications, failures: () => app.limits.failedKeys }),
      operators: createOperators({ database: db, notifications }),
    })
    await site.register(forEverybody)
    await site.register(forMembers)
  })
  notifications.start()
  return app
}

async function forEverybody(scope: Scope): Promise<void> {
  await scope.register(publicBrandingRoutes)
  await scope.register(publicContentRoutes, { prepareProblem })
  await scope.register(publicAuthRoutes)
  await scope.register(publicMailRoutes)
  await scope.register(publicMediaRoutes)
  await scope.register(accountPages, { prepareProblem })
  await scope.register(swaggerUi, { routePrefix: '/docs', staticCSP: docsPolicy, uiConfig: { deepLinking: true } })
  scope.get('/openapi.json', { schema: { hide: true } }, async (request) => request.server.swagger())
}

/** Its scripts and styles, calls to this site, and the one style element that the bundle of this version adds. */
const docsPolicy = {
  'default-src': ["'none'"],
  'connect-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
}

async function forMembers(scope: Scope): Promise<void> {
  scope.addHook('onRequest', scope.requireSession)
  await scope.register(accessTable)
  await scope.register(memberAuthRoutes)
  await scope.register(staffAuthRoutes)
  await scope.register(staffMailRoutes)
  await scope.register(staffBrandingRoutes)
  await scope.register(staffMediaRoutes)
  await scope.register(auditRoutes)
  await scope.register(consoleRoutes)
}
