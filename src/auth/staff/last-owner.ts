import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'

/**
 * 409 LAST_OWNER where nobody but this member can act for the site. In the transaction that takes the member away: it locks the role, so that of
 * two owners who leave at once the second finds the first gone.
 */
export async function refuseLastOwner(tx: Pick<TenantDb, '$queryRaw'>, memberId: string): Promise<void> {
  await tx.$queryRaw`select 1 from roles where slug = 'owner' for update`
  const [row] = await tx.$queryRaw<{ isOwner: boolean; others: boolean }[]>`
    with owners as (
      select m.id from roles r join member_roles x on x.tenant_id = r.tenant_id and x.role_id = r.id
      join members m on m.tenant_id = x.tenant_id and m.id = x.member_id where r.slug = 'owner' and m.status = 'active')
    select exists (select 1 from owners where id = ${memberId}::uuid) as "isOwner",
      exists (select 1 from owners where id <> ${memberId}::uuid) as others`
  if (row?.isOwner && !row.others) throw problem('LAST_OWNER')
}
