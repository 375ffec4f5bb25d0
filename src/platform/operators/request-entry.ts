import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { Database, TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import { isId, newId, randomSecret } from '../../security/random-token.ts'
import { hashToken } from '../../security/refresh-token.ts'
import { canonicalOrigin } from '../../tenancy/canonical-origin.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { readTenant } from '../../tenancy/read-tenant.ts'
import { requireConsole } from './require-console.ts'

/** Milliseconds that the way in is open. */
const entryLife = 60_000

export const requestEntry = defineFlow({
  schema: {
    operationId: 'requestSiteEntry',
    summary: 'Act in a site as one of its members, for half an hour. On the console only',
    description: 'The token is good once, for a minute, on the host of the address. The member and the owners of the site are told by mail.',
    tags: ['platform'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: Type.Object({ site: Type.String({ minLength: 1, maxLength: 63, description: 'Slug or id' }) }),
    body: Type.Object(
      {
        member: Type.String({ minLength: 3, maxLength: 254, description: 'E-mail address or id of an active member of that site' }),
        reason: Type.String({
          minLength: 10,
          maxLength: 500,
          pattern: '^(?=.*[\\p{L}\\p{N}])[^\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]{10,500}$',
          description: 'One line; the site reads it',
        }),
      },
      { additionalProperties: false },
    ),
    response: {
      201: Type.Object(
        {
          token: Type.String({ maxLength: 43 }),
          address: Type.String({ maxLength: 300, description: "Page of the site's own that takes the token, as `?token=`" }),
          expiresAt: Type.String({ format: 'date-time', maxLength: 30 }),
        },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 413, 415, 503),
    },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    requireConsole(request)
    const { server, session, body } = request
    const site = await findSite(server.database, request.params.site)
    const siteDb = server.database.forTenant(site.id)
    const memberId = await findMember(siteDb, body.member)
    const { epoch: operatorEpoch } = await request.db.member.findFirstOrThrow({ where: { id: session.memberId }, select: { epoch: true } })
    const [id, token, expiresAt] = [newId(), randomSecret(), new Date(Date.now() + entryLife)]
    // First in the hub's own log: should the rest fail, it says too much rather than too little.
    await recordEvent(request.db, originOf(request), {
      action: 'operator.entry-requested',
      target: { kind: 'site', id: site.id },
      details: { site: site.slug, member: memberId, reason: body.reason, entry: id },
    })
    await siteDb.operatorEntry.create({
      data: {
        tenantId: site.id,
        id,
        memberId,
        operator: session.memberId,
        operatorEpoch,
        operatorName: session.member.name,
        reason: body.reason,
        tokenHash: hashToken(token),
        expiresAt,
      },
    })
    reply.code(201).header('cache-control', 'no-store')
    return { token, address: `${canonicalOrigin(site, server.config.publicOrigin)}/account/enter`, expiresAt: expiresAt.toISOString() }
  },
})

/** As the directory has it now. The platform's own tenant is no site: there, operators are themselves. */
async function findSite(database: Database, name: string): Promise<Tenant> {
  const site = await readTenant(database, isId(name) ? { id: name } : { slug: name })
  if (site?.kind !== 'site') throw problem('SITE_UNKNOWN')
  if (site.status === 'suspended') throw problem('TENANT_SUSPENDED')
  return site
}

async function findMember(db: TenantDb, named: string): Promise<string> {
  const who = isId(named) ? { id: named } : { emailKey: emailKey(named) ?? '' }
  const member = await db.member.findFirst({ where: { ...who, status: 'active' }, select: { id: true } })
  if (!member) throw problem('SITE_MEMBER_UNKNOWN')
  return member.id
}
