import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'

export const removeSuppression = defineFlow({
  schema: {
    operationId: 'removeSuppression',
    summary: 'Send mail to an address again',
    tags: ['mail'],
    params: Type.Object({ email: Type.String({ minLength: 3, maxLength: 254 }) }),
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 503) },
  },
  async handler(request, reply) {
    await request.db.$transaction(async (tx) => {
      const { count } = await tx.mailSuppression.deleteMany({ where: { emailKey: emailKey(request.params.email) ?? '' } })
      if (count === 0) throw problem('MAIL_SUPPRESSION_UNKNOWN')
      // The log holds no addresses.
      await recordEvent(tx, originOf(request), { action: 'mail-suppression.removed' })
    })
    return reply.code(204).send(null)
  },
})
