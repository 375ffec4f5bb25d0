import { Type } from 'typebox'
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
  async handler({ db, params }, reply) {
    const { count } = await db.mailDomain.deleteMany({ where: { domain: readDomain(params.domain) } })
    if (count === 0) throw problem('MAIL_DOMAIN_UNKNOWN')
    return reply.code(204).send(null)
  },
})
