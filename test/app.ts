import { randomBytes } from 'node:crypto'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { buildApp, type Overrides } from '../src/app.ts'
import { createMember, ensureRoles } from '../src/auth/account/create-member.ts'
import { newSigningKey } from '../src/auth/keys/signing-keys.ts'
import { loadConfig } from '../src/config.ts'
import { municipality } from '../src/content/site-templates/municipality.ts'
import type { Database } from '../src/db/client.ts'
import { createPasswordHasher } from '../src/security/passwords/password-hasher.ts'
import { newId } from '../src/security/random-token.ts'
import { createSecretBox, type SecretBox } from '../src/security/secret-box.ts'
import { builtInRoles } from '../src/tenancy/permissions.ts'
import { createTestDatabase, type TestDatabase, type TestTenant } from './database.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const password = 'correct horse battery'

const hasher = createPasswordHasher({ concurrency: 2, queue: 10 })
/** Of `password`, once for all sites of a file: hashing is made to be slow. */
let hashed: Promise<string> | undefined

/** What the contact form takes, as the templates of sites have it. */
const messageSchema = JSON.parse(JSON.stringify(municipality.collections.find(({ slug }) => slug === 'messages')?.schema))

export interface TestSite extends TestTenant {
  /** Member with the role `owner`; its password is `password`. */
  owner: { id: string; email: string }
}

export interface TestApp {
  app: FastifyInstance
  data: TestDatabase
  /** Two sites with different names, brands, and three published posts each. */
  a: TestSite
  b: TestSite
  /** Sends a request to the site's host. */
  call(site: { host: string }, request: InjectOptions): Promise<LightMyRequestResponse>
  /** Signs the site's owner in, and answers the parsed tokens. */
  signIn(site: TestSite): Promise<{ accessToken: string; refreshToken: string }>
  /** A second process on the same database. */
  another(overrides?: Overrides): Promise<FastifyInstance>
}

export interface TestAppOptions {
  env?: Record<string, string>
  overrides?: Overrides
}

/** The whole service on a database of its own, ready to serve; everything is closed when the test ends. */
export async function createTestApp(t: Test, { env = {}, overrides = {} }: TestAppOptions = {}): Promise<TestApp> {
  const data = await createTestDatabase(t)
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: data.url,
    DATABASE_UNPOOLED_URL: data.url,
    SECRET_KEYS: `test:${randomBytes(32).toString('base64')}`,
    DATABASE_POOL_MAX: '4',
    LOG_LEVEL: 'silent',
    STORAGE_DIR: await temporaryFolder(t),
    ...env,
  })
  const tools = { data, database: data.open({ max: 2 }), box: createSecretBox(config.secretKeys) }
  const [a, b] = [await addSite('site-a', tools), await addSite('site-b', tools)]
  const start = async (own: Overrides) => {
    const app: FastifyInstance = await buildApp(config, { maxEventLoopDelay: 0, ...own })
    t.teardown(() => app.close())
    await app.ready()
    await app.readiness.prove()
    return app
  }
  const app = await start(overrides)
  const call: TestApp['call'] = (site, request) => app.inject({ ...request, headers: { host: site.host, ...request.headers } })
  return {
    app,
    data,
    a,
    b,
    call,
    another: (own = {}) => start(own),
    async signIn(site) {
      const answer = await call(site, { method: 'POST', url: '/v1/auth/sign-in', payload: { email: site.owner.email, password } })
      t.equal(answer.statusCode, 200, 'the owner signs in')
      return answer.json()
    },
  }
}

interface Tools {
  data: TestDatabase
  database: Database
  box: SecretBox
}

async function addSite(slug: string, { data, database, box }: Tools): Promise<TestSite> {
  const tenant = await data.addTenant({ slug, host: `${slug}.example` })
  const db = database.forTenant(tenant.id)
  const tenantId = tenant.id
  const colours = { primaryColor: '#14532d', accentColor: '#ca8a04', surfaceColor: '#ffffff', textColor: '#111111' }
  await db.site.create({
    data: {
      tenantId,
      name: `Name of ${slug}`,
      locale: 'pt-ST',
      timeZone: 'Africa/Sao_Tome',
      allowedOrigins: [`https://app.${slug}.example`],
      brand: { create: { shortName: slug, tagline: 'A tagline', ...colours } },
    },
  })
  await db.signingKey.create({ data: newSigningKey(box, tenantId) })
  await ensureRoles(db, tenantId, builtInRoles, true)
  const collectionId = newId()
  await db.collection.create({ data: { tenantId, id: collectionId, slug: 'posts', name: 'Posts', schema: { type: 'object' } } })
  await db.collection.create({
    data: { tenantId, id: newId(), slug: 'messages', name: 'Messages', audience: 'staff', form: true, schema: messageSchema },
  })
  await db.entry.createMany({
    data: [1, 2, 3].map((day) => {
      const data = { title: `Post ${day} of ${slug}`, summary: `Summary ${day}` }
      return { tenantId, id: newId(), collectionId, slug: `post-${day}`, data, status: 'published', publishedAt: `2026-0${day}-01T10:00:00Z` }
    }),
  })
  const email = `owner@${slug}.example`
  hashed ??= hasher.hash(password)
  const id = await createMember(db, hasher, { tenantId, email, name: 'Owner', hash: await hashed, role: 'owner' })
  return { ...tenant, owner: { id, email } }
}
