import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'

export const revokeApiKey = defineFlow({
  schema: {
    operationId: 'revokeApiKey',
    summary: 'End an API key, on every copy of the service, for good',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: Type.Object({ key: Type.String({ format: 'uuid', maxLength: 36, description: 'Its id' }) }),
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 503) },
  },
  async handler(request, reply) {
    const id = request.params.key.toLowerCase()
    await request.db.$transaction(async (tx) => {
      const { count } = await tx.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } })
      if (count > 0) return recordEvent(tx, originOf(request), { action: 'api-key.revoked', target: { kind: 'api-key', id } })
      // One that is revoked already stays so.
      if (!(await tx.apiKey.findFirst({ where: { id }, select: { id: true } }))) throw problem('API_KEY_UNKNOWN')
    })
    return reply.code(204).send(null)
  },
})
