import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Suppression, shapeSuppression, suppress, suppressionFields } from './suppression.ts'

export const addSuppression = defineFlow({
  schema: {
    operationId: 'addSuppression',
    summary: 'Send no mail to an address any more',
    description: 'Where the address is suppressed already, that stays as it is.',
    tags: ['mail'],
    body: Type.Object({ email: Type.String({ minLength: 3, maxLength: 254 }) }, { additionalProperties: false }),
    response: { 200: Suppression, ...problems(400, 401, 403, 404, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request) {
    const { db, tenant, body } = request
    const key = emailKey(body.email)
    if (!key) throw problem('REQUEST_INVALID', { issues: [{ path: '/email', message: 'must be one plain e-mail address' }] })
    await db.$transaction(async (tx) => {
      const added = await suppress(tx, { tenantId: tenant.id, emailKey: key, reason: 'manual' })
      // The log holds no addresses.
      if (added) await recordEvent(tx, originOf(request), { action: 'mail-suppression.added' })
    })
    const row = await db.mailSuppression.findFirst({ where: { emailKey: key }, select: suppressionFields })
    // Somebody else may have removed it in between.
    return shapeSuppression(row ?? { emailKey: key, reason: 'manual', detail: '', createdAt: new Date() })
  },
})
