import { Type } from 'typebox'
import { originOf } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { publishedKeys, SigningKey, shapeKey } from './key-state.ts'
import { rotateKey } from './rotate-key.ts'

/** They are a handful, so the list has no pages. */
export const listKeys = defineFlow({
  schema: {
    operationId: 'listKeys',
    summary: "The keys that sign this site's access tokens, newest first",
    tags: ['auth'],
    response: { 200: Type.Object({ items: Type.Array(SigningKey) }, { additionalProperties: false }), ...problems(401, 403, 404, 503) },
  },
  async handler({ db }, reply) {
    reply.header('cache-control', 'no-store')
    const rows = await db.signingKey.findMany({ select: { id: true, createdAt: true, activatesAt: true, retiredAt: true } })
    return { items: publishedKeys(rows).map((row) => shapeKey(row)) }
  },
})

export const rotateKeyFlow = defineFlow({
  schema: {
    operationId: 'rotateKey',
    summary: "Make a new key to sign this site's access tokens",
    description:
      'It is published at once and signs after 15 minutes, so that nobody meets a token of a key that they do not know. While one is pending, that one is answered: 200. `immediately` is for a key that somebody else may know: every other key, and every access token they signed, is void at once; members go on by their refresh tokens.',
    tags: ['auth'],
    body: Type.Optional(Type.Object({ immediately: Type.Optional(Type.Boolean()) }, { additionalProperties: false })),
    response: { 200: SigningKey, 201: SigningKey, ...problems(400, 401, 403, 404, 409, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { db, tenant, server } = request
    const when = request.body?.immediately ? 'now' : 'ahead'
    const rotation = { tenantId: tenant.id, when, origin: originOf(request), replaceUnreadable: when === 'now' } as const
    const { key, made } = await rotateKey(db, server.secretBox, rotation)
    if (made) request.log.info({ kid: key.id, when }, 'a new signing key was made')
    reply.header('cache-control', 'no-store')
    return reply.code(made ? 201 : 200).send(shapeKey(key))
  },
})
