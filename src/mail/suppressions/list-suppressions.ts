import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import { readCursor, writeCursor } from '../../tenancy/cursor.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Suppression, shapeSuppression, suppressionFields } from './suppression.ts'

/** A cursor holds an address of up to 254 characters, in base64. */
const longestCursor = 800

export const listSuppressions = defineFlow({
  schema: {
    operationId: 'listSuppressions',
    summary: 'Addresses that get no mail from this site any more, newest first',
    tags: ['mail'],
    querystring: Type.Object(
      {
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        after: Type.Optional(Type.String({ maxLength: longestCursor, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(Suppression), next: Type.Union([Type.String({ maxLength: longestCursor }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler({ db, tenant, query: { limit, after } }) {
    const list = `${tenant.id} suppressions`
    const from = after === undefined ? undefined : readCursor(list, after, (id) => emailKey(id) === id)
    const rows = await db.mailSuppression.findMany({
      where: from ? { OR: [{ createdAt: { lt: from.at } }, { createdAt: from.at, emailKey: { lt: from.id } }] } : {},
      select: suppressionFields,
      orderBy: [{ createdAt: 'desc' }, { emailKey: 'desc' }],
      take: limit + 1,
    })
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    return { items: items.map(shapeSuppression), next: last ? writeCursor(list, { at: last.createdAt, id: last.emailKey }) : null }
  },
})
