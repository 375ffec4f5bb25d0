import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
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
  async handler(request, reply) {
    const tenantId = request.tenant.id
    const token = randomSecret()
    const reportTokenHash = hashReportToken(token)
    await request.db.$transaction(async (tx) => {
      await recordEvent(tx, originOf(request), { action: 'mail-account.report-token-made' })
      await tx.mailAccount.upsert({ where: { tenantId }, create: { tenantId, reportTokenHash }, update: { reportTokenHash } })
    })
    reply.header('cache-control', 'no-store')
    return { token }
  },
})
