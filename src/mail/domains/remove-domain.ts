import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { DomainParams, readDomain } from './sender-domain.ts'

export const removeDomain = defineFlow({
  schema: {
    operationId: 'removeMailDomain',
    summary: 'Sign for a domain no more, and forget its key',
    tags: ['mail'],
    params: DomainParams,
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 503) },
  },
  async handler(request, reply) {
    const domain = readDomain(request.params.domain)
    await request.db.$transaction(async (tx) => {
      const { count } = await tx.mailDomain.deleteMany({ where: { domain } })
      if (count === 0) throw problem('MAIL_DOMAIN_UNKNOWN')
      await recordEvent(tx, originOf(request), { action: 'mail-domain.removed', target: { kind: 'mail-domain', id: domain.slice(0, 200) } })
    })
    return reply.code(204).send(null)
  },
})
