import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'

export const readMe = defineFlow({
  schema: {
    operationId: 'readMe',
    summary: 'The signed-in member',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    response: {
      200: Type.Object(
        {
          id: Type.String({ maxLength: 36 }),
          email: Type.String({ maxLength: 254 }),
          name: Type.String({ maxLength: 200 }),
          roles: Type.Array(Type.String({ maxLength: 63 })),
          permissions: Type.Array(Type.String({ maxLength: 63 }), { description: '`area:verb`' }),
          operator: Type.Optional(
            Type.Object(
              { reason: Type.String({ maxLength: 500 }) },
              { additionalProperties: false, description: 'Set where an operator of the hub acts as the member: pages show a banner' },
            ),
          ),
        },
        { additionalProperties: false },
      ),
      ...problems(401, 403, 404, 503),
    },
  },
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    const { operator, ...member } = request.session.member
    return operator ? { ...member, operator } : member
  },
})
