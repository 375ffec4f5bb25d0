import { recordEvent } from '../../audit/record-event.ts'
import { voidChallenges, waysIn } from '../../auth/account/void-challenges.ts'
import { endAllSessions } from '../../auth/sessions/session-store.ts'
import { lockStaff } from '../../auth/staff/staff-turn.ts'
import type { Database, TenantDb } from '../../db/client.ts'
import { emailKey } from '../../security/email-address.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { findAnySites } from '../sites/find-sites.ts'

export interface EndFlags extends CommonFlags {
  all?: boolean
}

/** As the API's flow does it: the epoch goes up, which every copy of the service hears of. */
export async function endSessions(database: Database, { slug, email }: { slug: string; email: string | undefined }, flags: EndFlags): Promise<void> {
  const [site] = await findAnySites(database, slug)
  const tenantId = site?.id ?? ''
  const db = database.forTenant(tenantId)
  const members = await db.member.findMany({ where: email === undefined ? {} : { emailKey: emailKey(email) ?? '' }, select: { id: true } })
  if (email !== undefined && members.length === 0) throw new Error(`${slug} has no member of that address.`)
  for (const { id } of members) await endOf(db, tenantId, id)
  print(
    flags,
    { site: slug, members: members.length },
    () => `${slug}: every session of ${members.length} ${members.length === 1 ? 'member' : 'members'} is over`,
  )
}

async function endOf(db: TenantDb, tenantId: string, memberId: string): Promise<void> {
  await db.$transaction(async (tx) => {
    await lockStaff(tx)
    await endAllSessions(tx, memberId)
    await voidChallenges(tx, memberId, waysIn)
    const origin = { tenantId, actor: { kind: 'operator' } } as const
    await recordEvent(tx, origin, { action: 'session.all-ended', target: { kind: 'member', id: memberId } })
  })
}
