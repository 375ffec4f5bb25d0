import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { findPlace, TemplateAddress } from './template.ts'

export const removeTemplate = defineFlow({
  schema: {
    operationId: 'removeMailTemplate',
    summary: 'Go back to the default words, whether or not there were others',
    tags: ['mail'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: TemplateAddress,
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 503) },
  },
  async handler({ db, params }, reply) {
    const { kind, locale } = findPlace(params)
    await db.mailTemplate.deleteMany({ where: { kind, locale } })
    return reply.code(204).send(null)
  },
})
