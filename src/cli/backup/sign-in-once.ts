import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../../app.ts'
import { createMember } from '../../auth/account/create-member.ts'
import { newSigningKey } from '../../auth/keys/signing-keys.ts'
import type { Config, SecretKey } from '../../config.ts'
import type { Database } from '../../db/client.ts'

/** The whole service on a restored database, and one member who signs in and asks who they are. */
export async function signInOnce(config: Config, url: string): Promise<string[]> {
  const sealed = config.secretKeys.length > 0
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-drill-'))
  try {
    const app = await buildApp(alone(config, { url, secretKeys: sealed ? config.secretKeys : [newKey()], folder }), { maxEventLoopDelay: 0 })
    return await tryOn(app, sealed).finally(() => app.close())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function tryOn(app: FastifyInstance, sealed: boolean): Promise<string[]> {
  await app.ready()
  await app.readiness.prove()
  const site = await findSite(app.database)
  if (!site) return ['there is no active site with a host at which somebody could sign in']
  if (!sealed) await replaceKeys(app, site)
  return signIn(app, site, await addNewcomer(app, site))
}

function newKey(): SecretKey {
  return { id: 'drill', key: randomBytes(32) }
}

/** Nothing of the deployment but its public addresses: no shared limits, no media, no mail. */
function alone(config: Config, { url, secretKeys, folder }: { url: string; secretKeys: readonly SecretKey[]; folder: string }): Config {
  return {
    ...config,
    database: { url, unpooledUrl: url, ownerUrl: url, poolMode: 'session', poolMax: 4 },
    redisUrl: '',
    secretKeys,
    tenancy: { ...config.tenancy, resolvers: ['host'] },
    storage: { driver: 'disk', dir: folder },
    log: { level: 'silent' },
  }
}

interface Site {
  id: string
  host: string
}

async function findSite({ directory }: Database): Promise<Site | undefined> {
  const found = await directory.host.findFirst({
    where: { canonical: true, status: 'verified', tenant: { status: 'active', kind: 'site' } },
    orderBy: { tenantId: 'asc' },
  })
  return found ? { id: found.tenantId, host: found.host } : undefined
}

interface Newcomer {
  email: string
  password: string
}

/** Without the SECRET_KEYS of the service nothing it sealed opens: then with a signing key of our own. */
async function replaceKeys({ database, secretBox }: FastifyInstance, { id: tenantId }: Site): Promise<void> {
  const db = database.forTenant(tenantId)
  await db.signingKey.deleteMany()
  await db.signingKey.create({ data: newSigningKey(secretBox, tenantId) })
}

async function addNewcomer({ database, hasher }: FastifyInstance, { id: tenantId }: Site): Promise<Newcomer> {
  const db = database.forTenant(tenantId)
  // A puzzle or a second factor is none that we could give; both are proven by the counts of their rows.
  await db.authPolicy.deleteMany()
  const newcomer = { email: `drill-${randomBytes(6).toString('hex')}@drill.example`, password: randomBytes(24).toString('base64url') }
  await createMember(db, hasher, { tenantId, name: 'Drill', role: 'member', ...newcomer })
  return newcomer
}

async function signIn(app: FastifyInstance, { host }: Site, newcomer: Newcomer): Promise<string[]> {
  const signedIn = await app.inject({ method: 'POST', url: '/v1/auth/sign-in', headers: { host }, payload: newcomer })
  if (signedIn.statusCode !== 200)
    return [`a member with the right password cannot sign in at ${host}: ${signedIn.statusCode} ${codeOf(signedIn.json())}`]
  const { accessToken } = signedIn.json<{ accessToken: string }>()
  const me = await app.inject({ method: 'GET', url: '/v1/me', headers: { host, authorization: `Bearer ${accessToken}` } })
  return me.statusCode === 200 ? [] : [`the member who signed in at ${host} is not known there: ${me.statusCode} ${codeOf(me.json())}`]
}

function codeOf(body: unknown): string {
  return String(Reflect.get(Object(body), 'code') ?? '')
}
