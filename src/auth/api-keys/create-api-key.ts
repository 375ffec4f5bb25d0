import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { makeApiKey } from '../../security/api-key.ts'
import { hashToken } from '../../security/refresh-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { platformPermissions } from '../../tenancy/permissions.ts'
import { ApiKey, apiKeyFields, GrantedPermission, shapeApiKey } from './api-key.ts'

const day = 24 * 60 * 60_000
const usualLife = 90 * day
const longestLife = 365 * day
const mostLive = 100

export const createApiKey = defineFlow({
  schema: {
    operationId: 'createApiKey',
    summary: 'Make an API key. It is shown this once',
    description: 'It may do what you may, or less, and goes on doing it until it expires or is revoked, whatever becomes of you.',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 100, pattern: '^(?=.*[\\p{L}\\p{N}])[^\\p{C}\\p{Zl}\\p{Zp}]{1,100}$', description: 'One line' }),
        permissions: Type.Array(GrantedPermission, { minItems: 1, maxItems: 30, uniqueItems: true }),
        expiresAt: Type.Optional(Type.String({ format: 'date-time', maxLength: 30, description: 'Within a year. Default: 90 days from now' })),
      },
      { additionalProperties: false },
    ),
    response: {
      201: Type.Object(
        { ...ApiKey.properties, key: Type.String({ maxLength: 68, description: 'For `Authorization: Bearer …`' }) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 409, 413, 415, 503),
    },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { tenant, db, caller, body } = request
    const granted = readPermissions(tenant, body.permissions, caller.permissions)
    const expiresAt = readExpiry(body.expiresAt)
    const { id, key } = makeApiKey()
    const row = await db.$transaction(async (tx) => {
      await refuseWhenFull(tx, tenant.id)
      const data = { tenantId: tenant.id, id, name: body.name, secretHash: hashToken(key), permissions: granted, createdBy: caller.id, expiresAt }
      const made = await tx.apiKey.create({ data, select: apiKeyFields })
      const details = { permissions: granted, expiresAt: expiresAt.toISOString() }
      await recordEvent(tx, originOf(request), { action: 'api-key.created', target: { kind: 'api-key', id }, details })
      return made
    })
    reply.code(201).header('cache-control', 'no-store')
    return { ...shapeApiKey(row), key }
  },
})

function readPermissions({ kind }: Tenant, wanted: readonly string[], own: readonly string[]): string[] {
  const beyond: readonly string[] = platformPermissions
  if (kind !== 'platform' && wanted.some((permission) => beyond.includes(permission))) {
    throw problem('REQUEST_INVALID', { issues: [{ path: '/permissions', message: "must be permissions of a site, not of the hub's own" }] })
  }
  if (wanted.some((permission) => !own.includes(permission))) throw problem('AUTH_FORBIDDEN')
  return [...wanted].sort()
}

function readExpiry(wish: string | undefined): Date {
  const now = Date.now()
  const at = wish === undefined ? now + usualLife : new Date(wish).getTime()
  // Also where it is no time at all: the format knows leap seconds, Date does not.
  if (!(at > now && at <= now + longestLife)) {
    throw problem('REQUEST_INVALID', { issues: [{ path: '/expiresAt', message: 'must be a time from now to a year from now' }] })
  }
  return new Date(at)
}

/** Two that are made at once wait for each other, or both would find room for one. */
async function refuseWhenFull(tx: Pick<TenantDb, '$queryRaw' | 'apiKey'>, tenantId: string): Promise<void> {
  await tx.$queryRaw`select 1 as locked from pg_advisory_xact_lock(hashtextextended(${`api-keys ${tenantId}`}, 0))`
  const live = await tx.apiKey.count({ where: { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] } })
  if (live >= mostLive) throw problem('API_KEYS_FULL')
}
