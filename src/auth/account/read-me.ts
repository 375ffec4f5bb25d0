import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Me, shapeMe } from './me.ts'

export const readMe = defineFlow({
  schema: {
    operationId: 'readMe',
    summary: 'The signed-in member',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    response: { 200: Me, ...problems(401, 403, 404, 503) },
  },
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return shapeMe(request.session.member)
  },
})
