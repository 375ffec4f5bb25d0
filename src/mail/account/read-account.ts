import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { MailAccount, shapeAccount } from './account.ts'

export const readAccount = defineFlow({
  schema: {
    operationId: 'readMailAccount',
    summary: "The site's mail account, without its secret",
    tags: ['mail'],
    response: { 200: MailAccount, ...problems(401, 403, 404, 503) },
  },
  async handler({ db }, reply) {
    reply.header('cache-control', 'no-store')
    return shapeAccount(await db.mailAccount.findFirst())
  },
})
