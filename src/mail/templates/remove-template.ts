import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { findPlace, TemplateAddress, templateTarget } from './template.ts'

export const removeTemplate = defineFlow({
  schema: {
    operationId: 'removeMailTemplate',
    summary: 'Go back to the default words, whether or not there were others',
    tags: ['mail'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: TemplateAddress,
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 503) },
  },
  async handler(request, reply) {
    const { kind, locale } = findPlace(request.params)
    await request.db.$transaction(async (tx) => {
      const { count } = await tx.mailTemplate.deleteMany({ where: { kind, locale } })
      if (count > 0) await recordEvent(tx, originOf(request), { action: 'mail-template.removed', target: templateTarget({ kind, locale }) })
    })
    return reply.code(204).send(null)
  },
})
