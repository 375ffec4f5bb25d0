import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { canonicalOrigin } from '../../tenancy/canonical-origin.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { matchesEtag } from '../../tenancy/public-cache.ts'
import { keySetMaxAge } from '../sessions/token-life.ts'

/** Private: on a host that all tenants share, a cache between could not tell whose keys these are. */
const keyLife = `private, max-age=${keySetMaxAge}`

const text = () => Type.String({ maxLength: 300 })

const PublicKey = Type.Object(
  { kty: text(), crv: text(), x: text(), y: text(), kid: text(), alg: text(), use: text() },
  { additionalProperties: false },
)

/** RFC 7517. Public halves only: the schema has no room for a private one. */
export const readKeys = defineFlow({
  schema: {
    operationId: 'readKeys',
    summary: "The public keys that verify this site's access tokens",
    tags: ['auth'],
    response: { 200: Type.Object({ keys: Type.Array(PublicKey) }, { additionalProperties: false }), ...problems(404, 503) },
  },
  async handler(request, reply) {
    const { jwks, etag } = await request.server.signingKeys.of(request.tenant, request.db)
    return isKnown(request, reply, etag) ? reply : jwks
  },
})

/** OpenID Connect Discovery 1.0, as far as this service goes: enough for a JOSE library to verify tokens by the issuer alone. */
export const readDiscovery = defineFlow({
  schema: {
    operationId: 'readDiscovery',
    summary: "Where to find what verifies this site's tokens",
    tags: ['auth'],
    response: {
      200: Type.Object(
        {
          issuer: text(),
          jwks_uri: text(),
          token_endpoint: text(),
          userinfo_endpoint: text(),
          id_token_signing_alg_values_supported: Type.Array(text()),
          subject_types_supported: Type.Array(text()),
          response_types_supported: Type.Array(text()),
        },
        { additionalProperties: false },
      ),
      ...problems(404, 503),
    },
  },
  async handler(request, reply) {
    const issuer = canonicalOrigin(request.tenant, request.server.config.publicOrigin)
    const document = {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      token_endpoint: `${issuer}/v1/auth/sign-in`,
      userinfo_endpoint: `${issuer}/v1/me`,
      id_token_signing_alg_values_supported: ['ES256'],
      subject_types_supported: ['public'],
      response_types_supported: ['token'],
    }
    const etag = `"${createHash('sha256').update(issuer).digest('base64url').slice(0, 22)}"`
    return isKnown(request, reply, etag) ? reply : document
  },
})

/** Answers 304 to a caller that has it, and any other how long it may be kept. */
function isKnown(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  reply.header('etag', etag).header('cache-control', keyLife)
  if (!matchesEtag(request.headers['if-none-match'], etag)) return false
  reply.code(304).send()
  return true
}
