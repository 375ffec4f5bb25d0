import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** OpenAPI 3.1 from the routes' own schemas. Registered before them, because it watches them being added. */
async function openapiPlugin(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tenantry',
        version: '1',
        description: 'Each site answers on its own host, with its own users, brand and content. Failures are RFC 9457 problems with a stable `code`.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'tnk_…' },
          cookie: { type: 'apiKey', in: 'cookie', name: '__Host-access' },
        },
      },
      tags: [
        { name: 'site' },
        { name: 'content' },
        { name: 'auth' },
        { name: 'staff' },
        { name: 'audit' },
        { name: 'mail' },
        { name: 'media' },
        { name: 'platform' },
      ],
    },
  })
}

export const openapi = fp(openapiPlugin, { name: 'openapi', fastify: '5.x' })
