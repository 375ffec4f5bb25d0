import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Role, roleFields, shapeRole } from './role.ts'

export const listRoles = defineFlow({
  schema: {
    operationId: 'listRoles',
    summary: 'The roles of this site: those that every site has, then its own',
    tags: ['staff'],
    response: { 200: Type.Object({ items: Type.Array(Role) }, { additionalProperties: false }), ...problems(401, 403, 404, 503) },
  },
  async handler({ db }, reply) {
    // A site has fifty of its own at most: one page.
    const roles = await db.role.findMany({ select: roleFields, orderBy: [{ builtIn: 'desc' }, { slug: 'asc' }] })
    reply.header('cache-control', 'no-store')
    return { items: roles.map(shapeRole) }
  },
})
