import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { domainFields, readSendingAccount, SenderDomain, shapeDomain } from './sender-domain.ts'

export const listDomains = defineFlow({
  schema: {
    operationId: 'listMailDomains',
    summary: 'Domains this site signs its mail for, what to set in their DNS, and what the last check found',
    tags: ['mail'],
    response: {
      200: Type.Object({ items: Type.Array(SenderDomain), next: Type.Null() }, { additionalProperties: false }),
      ...problems(401, 403, 404, 503),
    },
  },
  async handler({ db }) {
    const account = (await readSendingAccount(db)) ?? undefined
    const rows = await db.mailDomain.findMany({ select: domainFields, orderBy: { domain: 'asc' } })
    return { items: rows.map((row) => shapeDomain(row, account)), next: null }
  },
})
