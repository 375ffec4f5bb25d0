import { Type } from 'typebox'
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
  async handler({ db, params }, reply) {
    const { count } = await db.mailSuppression.deleteMany({ where: { emailKey: emailKey(params.email) ?? '' } })
    if (count === 0) throw problem('MAIL_SUPPRESSION_UNKNOWN')
    return reply.code(204).send(null)
  },
})
