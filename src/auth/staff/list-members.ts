import { Type } from 'typebox'
import { Prisma } from '../../db/generated/client.ts'
import { problems } from '../../problem-schema.ts'
import { readCursor, writeCursor } from '../../tenancy/cursor.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Member, MemberStatus, RoleSlug, selectMembers, shapeMember } from './member.ts'

export const listMembers = defineFlow({
  schema: {
    operationId: 'listMembers',
    summary: 'The members of this site, newest first',
    tags: ['staff'],
    querystring: Type.Object(
      {
        search: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Beginning of a name or address' })),
        role: Type.Optional(RoleSlug),
        status: Type.Optional(MemberStatus),
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(Member), next: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler({ db, tenant, query: { limit, after, search, role, status } }, reply) {
    const list = `${tenant.id} members ${JSON.stringify([search, role, status])}`
    const from = after === undefined ? undefined : readCursor(list, after)
    // Looked up first: with the id itself the planner knows whether many have the role or few. In one statement a rare one took 3 s of 100,000 members.
    const wanted = role === undefined ? undefined : await db.role.findFirst({ where: { slug: role }, select: { id: true } })
    const filters = { ...(search === undefined ? {} : { search }), ...(status ? { status } : {}), ...(wanted ? { roleId: wanted.id } : {}) }
    const rows = wanted === null ? [] : await selectMembers(db, matching(filters, from?.id), limit + 1)
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    reply.header('cache-control', 'no-store')
    return { items: items.map(shapeMember), next: last ? writeCursor(list, { at: last.createdAt, id: last.id }) : null }
  },
})

interface Filters {
  search?: string
  roleId?: string
  status?: string
}

function matching({ search, roleId, status }: Filters, after: string | undefined): Prisma.Sql {
  const conditions = [
    after === undefined ? [] : Prisma.sql`m.id < ${after}::uuid`,
    status === undefined ? [] : Prisma.sql`m.status = ${status}`,
    search === undefined ? [] : beginsWith(search.normalize('NFKC').toLowerCase()),
    roleId === undefined ? [] : Prisma.sql`m.id in (select x.member_id from member_roles x where x.role_id = ${roleId}::uuid)`,
  ].flat()
  return conditions.length > 0 ? Prisma.join(conditions, ' and ') : Prisma.sql`true`
}

/**
 * As ranges by bytes: LIKE and lower() are not leakproof, so that under row-level security they would be worked out for every member of the site,
 * while these find their rows in an index.
 */
function beginsWith(prefix: string): Prisma.Sql {
  const end = `${prefix}\u{10ffff}`
  return Prisma.sql`((m.email_key collate "C" >= ${prefix} and m.email_key collate "C" < ${end})
    or (m.name_key collate "C" >= ${prefix} and m.name_key collate "C" < ${end}))`
}
