import { problems } from '../../problem-schema.ts'
import { readAuthPolicy as readStored } from '../../tenancy/auth-policy.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { AuthPolicyAnswer, shapeAuthPolicy } from './auth-policy-shape.ts'

export const readAuthPolicy = defineFlow({
  schema: {
    operationId: 'readAuthPolicy',
    summary: 'How people get into the site',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    response: { 200: AuthPolicyAnswer, ...problems(401, 403, 404, 503) },
  },
  async handler({ db, tenant }, reply) {
    reply.header('cache-control', 'no-store')
    return shapeAuthPolicy(await readStored(db, tenant))
  },
})
