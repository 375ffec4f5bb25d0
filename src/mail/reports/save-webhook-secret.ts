import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { webhookSecretPlace } from './report-credentials.ts'

export const saveWebhookSecret = defineFlow({
  schema: {
    operationId: 'saveMailWebhookSecret',
    summary: 'Set the secret with which the mail provider signs its webhooks',
    tags: ['mail'],
    body: Type.Object(
      { secret: Type.String({ pattern: '^whsec_[A-Za-z0-9+/]{24,}={0,2}$', maxLength: 200, description: 'As the provider shows it' }) },
      { additionalProperties: false },
    ),
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { body, server } = request
    const tenantId = request.tenant.id
    const sealedWebhookSecret = server.secretBox.seal(body.secret, webhookSecretPlace(tenantId))
    await request.db.$transaction(async (tx) => {
      await recordEvent(tx, originOf(request), { action: 'mail-account.webhook-secret-changed' })
      await tx.mailAccount.upsert({ where: { tenantId }, create: { tenantId, sealedWebhookSecret }, update: { sealedWebhookSecret } })
    })
    return reply.code(204).send(null)
  },
})
