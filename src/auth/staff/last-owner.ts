import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { lockStaff } from './staff-turn.ts'

/**
 * 409 LAST_OWNER where the site would be left without an active owner if this member were gone: deactivated, erased, or without the role. On the hub's
 * own site it is operators who count. An owner who is about to be erased holds nobody's place.
 *
 * Call it first in the transaction that takes the member away: of two that come at once the second waits here, and then counts anew.
 */
export async function refuseLastOwner(tx: Pick<TenantDb, '$queryRaw' | '$executeRaw'>, memberId: string): Promise<void> {
  await lockStaff(tx)
  const [found] = await tx.$queryRaw<{ last: boolean }[]>`
    with owners as (
      select m.id, m.erase_at from member_roles x join members m on m.tenant_id = x.tenant_id and m.id = x.member_id
      where m.status = 'active' and x.role_id = (select id from roles where built_in and slug in ('operator', 'owner') order by slug limit 1))
    select exists (select from owners where id = ${memberId}::uuid)
      and not exists (select from owners where id <> ${memberId}::uuid and erase_at is null) as last`
  if (found?.last) throw problem('LAST_OWNER')
}
