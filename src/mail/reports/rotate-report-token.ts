import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { randomSecret } from '../../security/random-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { hashReportToken } from './report-credentials.ts'

export const rotateReportToken = defineFlow({
  schema: {
    operationId: 'rotateMailReportToken',
    summary: 'Make the token with which delivery reports are handed in',
    description: 'It is shown this once. The one before stops working.',
    tags: ['mail'],
    response: { 200: Type.Object({ token: Type.String({ maxLength: 43 }) }, { additionalProperties: false }), ...problems(401, 403, 404, 503) },
  },
  async handler({ db, tenant: { id: tenantId } }, reply) {
    const token = randomSecret()
    const reportTokenHash = hashReportToken(token)
    await db.mailAccount.upsert({ where: { tenantId }, create: { tenantId, reportTokenHash }, update: { reportTokenHash } })
    reply.header('cache-control', 'no-store')
    return { token }
  },
})
