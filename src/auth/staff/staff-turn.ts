import type { FastifyRequest } from 'fastify'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import type { Permission } from '../../tenancy/permissions.ts'

type Turn = Pick<TenantDb, '$queryRaw' | '$executeRaw'>

/**
 * What the caller holds as of now, for a transaction that changes who may do what. All of them take turns, and the caller's own permissions are read
 * after the wait: otherwise two owners could demote each other at the same moment, and somebody could grant what was taken from them a moment ago.
 */
export async function takeStaffTurn(tx: Turn, { caller }: FastifyRequest, permission: Permission): Promise<readonly string[]> {
  await lockStaff(tx)
  // What a key may do is no more than what the request was let in with.
  const held = caller.kind === 'member' ? await permissionsOfMember(tx, caller.id) : caller.permissions
  if (!held.includes(permission)) throw problem('AUTH_FORBIDDEN')
  return held
}

/** One such transaction of a site at a time, until it ends. Comes before every lock on a row, so that nobody waits in a circle. */
export async function lockStaff(tx: Pick<TenantDb, '$executeRaw'>): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('staff ' || current_setting('app.tenant_id'), 0))`
}

/** None for a member who is deactivated or unknown. */
export async function permissionsOfMember(tx: Pick<TenantDb, '$queryRaw'>, memberId: string): Promise<readonly string[]> {
  const rows = await tx.$queryRaw<{ permission: string }[]>`
    select distinct unnest(r.permissions) as permission
    from members m join member_roles x on x.tenant_id = m.tenant_id and x.member_id = m.id
      join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
    where m.id = ${memberId}::uuid and m.status = 'active'`
  return rows.map(({ permission }) => permission)
}
