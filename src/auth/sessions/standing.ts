import { LRUCache } from 'lru-cache'
import { atMost } from '../../at-most.ts'
import type { TenantDb } from '../../db/client.ts'
import { lifeInMemory, type Notifications } from '../../db/notifications.ts'
import type { Language } from '../../tenancy/language.ts'

/** What a member is allowed now, as against what a token said when it was issued. */
export interface Standing {
  id: string
  email: string
  emailVerified: boolean
  name: string
  /** The member's own choice. */
  language: Language | null
  createdAt: Date
  eraseAt: Date | null
  roles: string[]
  permissions: string[]
  /** Where an operator of the hub acts as the member in this session: who, and why. */
  operator: { id: string; epoch: number; reason: string } | null
}

export interface SessionRef {
  tenantId: string
  memberId: string
  sessionId: string
}

export interface Standings {
  /** Undefined once the session has ended, the member's epoch moved on, or the member was deactivated. */
  of(ref: SessionRef, db: TenantDb): Standing | undefined | Promise<Standing | undefined>
}

const keptMembers = 20_000
/** Per member: a program that signs in for every call must not fill the memory. */
const keptSessions = 100

interface Kept {
  standing: Standing | undefined
  readAt: number
}

/** Read once and kept until any process announces a change of the member, the member's sessions or the tenant's roles. */
export function createStandings(notifications: Notifications, now: () => number = Date.now): Standings {
  const members = new LRUCache<string, Map<string, Kept>>(atMost(keptMembers))
  // What was on its way while something changed is used once, and not kept.
  let changes = 0
  notifications.subscribe({
    onMessage(payload) {
      const [kind, tenantId = '', memberId = ''] = payload.split(':')
      if (kind !== 'm' && kind !== 'r') return
      changes++
      if (kind === 'm') members.delete(`${tenantId} ${memberId}`)
      else for (const key of [...members.keys()]) if (key.startsWith(`${tenantId} `)) members.delete(key)
    },
    onGap() {
      changes++
      members.clear()
    },
  })
  const read = async (ref: SessionRef, key: string, db: TenantDb) => {
    const before = changes
    const standing = await readStanding(db, ref)
    if (before !== changes) return standing
    const sessions = members.get(key) ?? new Map<string, Kept>()
    if (sessions.size >= keptSessions) sessions.clear()
    members.set(key, sessions.set(ref.sessionId, { standing, readAt: now() }))
    return standing
  }
  return {
    of(ref, db) {
      const key = `${ref.tenantId} ${ref.memberId}`
      const kept = members.get(key)?.get(ref.sessionId)
      return kept && now() - kept.readAt < lifeInMemory(notifications) ? kept.standing : read(ref, key, db)
    },
  }
}

async function readStanding(db: TenantDb, { memberId, sessionId }: SessionRef): Promise<Standing | undefined> {
  const [row] = await db.$queryRaw<Standing[]>`
    select m.id, m.email, m.email_verified_at is not null as "emailVerified", m.name, m.language, m.created_at as "createdAt", m.erase_at as "eraseAt",
      array(select r.slug from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
        where x.tenant_id = m.tenant_id and x.member_id = m.id order by r.slug) as roles,
      array(select distinct p from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id, unnest(r.permissions) p
        where x.tenant_id = m.tenant_id and x.member_id = m.id order by p) as permissions,
      case when s.operator is not null then json_build_object('id', s.operator, 'epoch', s.operator_epoch, 'reason', coalesce(s.operator_reason, '')) end as operator
    from sessions s join members m on m.tenant_id = s.tenant_id and m.id = s.member_id
    where s.id = ${sessionId}::uuid and m.id = ${memberId}::uuid and m.status = 'active'
      and s.epoch = m.epoch and s.ended_at is null and least(s.expires_at, s.idle_expires_at) > now()`
  return row
}
