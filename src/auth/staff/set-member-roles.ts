import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { demandsFactor, readMemberFactors, usableFactors } from '../factors/member-factors.ts'
import { endAllSessions } from '../sessions/session-store.ts'
import { refuseBeyondOwn } from './beyond-own.ts'
import { refuseLastOwner } from './last-owner.ts'
import { Member, MemberParams, type MemberRow, memberToChange, RoleSlug, requireMember, shapeMember } from './member.ts'
import { nameInLog } from './role.ts'

export const setMemberRoles = defineFlow({
  schema: {
    operationId: 'setMemberRoles',
    summary: 'Give a member these roles and no others',
    description: 'Acts at once, on every copy of the service. Nobody gives a role that allows more than their own roles do.',
    tags: ['staff'],
    params: MemberParams,
    body: Type.Object({ roles: Type.Array(RoleSlug, { maxItems: 20, uniqueItems: true }) }, { additionalProperties: false }),
    response: { 200: Member, ...problems(400, 401, 403, 404, 409, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return request.db.$transaction(async (tx) => {
      const { member, held } = await memberToChange(tx, request, request.params.member)
      const wanted = await rolesBySlug(tx, request.body.roles)
      for (const { permissions } of wanted) refuseBeyondOwn(held, permissions, 'ROLE_BEYOND_OWN')
      await exchangeRoles(tx, request, { member, wanted })
      return shapeMember(await requireMember(tx, member.id))
    })
  },
})

interface RoleRow {
  id: string
  slug: string
  permissions: string[]
  builtIn: boolean
}

type Tx = Pick<TenantDb, 'member' | 'role' | 'memberRole' | 'auditEvent' | '$queryRaw' | '$executeRaw'>

async function rolesBySlug(tx: Tx, slugs: readonly string[]): Promise<RoleRow[]> {
  const found = await tx.role.findMany({ where: { slug: { in: [...slugs] } }, select: { id: true, slug: true, permissions: true, builtIn: true } })
  const issues = slugs.flatMap((slug, at) =>
    found.some((role) => role.slug === slug) ? [] : [{ path: `/roles/${at}`, message: 'must be a role of this site' }],
  )
  if (issues.length > 0) throw problem('REQUEST_INVALID', { issues })
  return found
}

async function exchangeRoles(tx: Tx, request: FastifyRequest, { member, wanted }: { member: MemberRow; wanted: RoleRow[] }): Promise<void> {
  const before = await tx.role.findMany({
    where: { members: { some: { memberId: member.id } } },
    select: { id: true, slug: true, permissions: true, builtIn: true },
  })
  const removed = before.filter(({ id }) => !wanted.some((role) => role.id === id))
  const added = wanted.filter(({ id }) => !before.some((role) => role.id === id))
  if (removed.length + added.length === 0) return
  const loses = removed.some(({ slug, builtIn }) => builtIn && (slug === 'owner' || slug === 'operator'))
  if (loses) await refuseLastOwner(tx, member.id)
  await tx.memberRole.deleteMany({ where: { memberId: member.id, roleId: { in: removed.map(({ id }) => id) } } })
  const tenantId = request.tenant.id
  await tx.memberRole.createMany({ data: added.map(({ id }) => ({ tenantId, memberId: member.id, roleId: id })) })
  await endWhereFactorIsOwed(tx, request, member.id)
  await recordEvent(tx, originOf(request), {
    action: 'member.roles-changed',
    target: { kind: 'member', id: member.id },
    details: { added: added.map(nameInLog), removed: removed.map(nameInLog) },
  })
}

/** Sessions that began without a second factor do not go on with permissions that ask for one: it is set up at the next sign-in. */
async function endWhereFactorIsOwed(tx: Tx, { server, tenant, db }: FastifyRequest, memberId: string): Promise<void> {
  const policy = await server.authPolicies.of(tenant, db)
  const held = await readMemberFactors(tx, memberId)
  if (demandsFactor(policy, held) && usableFactors(policy, held) === 0) await endAllSessions(tx, memberId)
}
