import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { readCursor, writeCursor } from '../../tenancy/cursor.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { requireConsole } from './require-console.ts'

const statuses = ['active', 'suspended', 'deleted'] as const
const Status = Type.Enum([...statuses], { type: 'string' })

const Site = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    slug: Type.String({ maxLength: 63 }),
    status: Status,
    canonicalHost: Type.Union([Type.String({ maxLength: 253 }), Type.Null()]),
    createdAt: Type.String({ format: 'date-time', maxLength: 30 }),
  },
  { additionalProperties: false },
)

const list = 'sites'
const isSlug = (text: string) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)

export const listSites = defineFlow({
  schema: {
    operationId: 'listSites',
    summary: 'The sites of this deployment, by slug. On the console only',
    tags: ['platform'],
    security: [{ bearer: [] }, { cookie: [] }],
    querystring: Type.Object(
      {
        status: Type.Optional(Status),
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
        after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(Site), next: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler(request, reply) {
    requireConsole(request)
    const { status, limit, after } = request.query
    const from = after === undefined ? undefined : readCursor(list, after, isSlug)
    const rows = await request.server.database.directory.tenant.findMany({
      where: { kind: 'site', ...(status ? { status } : {}), ...(from ? { slug: { gt: from.id } } : {}) },
      select: { id: true, slug: true, status: true, createdAt: true, hosts: { where: { canonical: true }, select: { host: true } } },
      orderBy: { slug: 'asc' },
      take: limit + 1,
    })
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    reply.header('cache-control', 'no-store')
    return { items: items.map(shapeSite), next: last ? writeCursor(list, { at: last.createdAt, id: last.slug }) : null }
  },
})

interface SiteRow {
  id: string
  slug: string
  status: string
  createdAt: Date
  hosts: { host: string }[]
}

function shapeSite({ id, slug, status, createdAt, hosts: [canonical] }: SiteRow) {
  const known = statuses.find((one) => one === status) ?? 'deleted'
  return { id, slug, status: known, canonicalHost: canonical?.host ?? null, createdAt: createdAt.toISOString() }
}
