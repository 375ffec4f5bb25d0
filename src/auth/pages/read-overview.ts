import type { TenantDb } from '../../db/client.ts'

export interface Overview {
  name: string
  email: string
  /** Names. */
  roles: string[]
  passwordAt: Date | null
  /** Live ones, as the page of sessions lists them. */
  sessions: number
}

/** Asked of the database, so that it tells what was changed a moment ago. */
export async function readOverview(db: Pick<TenantDb, '$queryRaw'>, memberId: string): Promise<Overview | undefined> {
  const [row] = await db.$queryRaw<Overview[]>`
    select m.name, m.email, p.updated_at as "passwordAt",
      array(select r.name from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
        where x.tenant_id = m.tenant_id and x.member_id = m.id order by r.slug) as roles,
      (select count(*)::int from sessions s where s.tenant_id = m.tenant_id and s.member_id = m.id and s.epoch = m.epoch and s.ended_at is null
        and least(s.expires_at, s.idle_expires_at) > now()) as sessions
    from members m left join passwords p on p.tenant_id = m.tenant_id and p.member_id = m.id
    where m.id = ${memberId}::uuid`
  return row
}
