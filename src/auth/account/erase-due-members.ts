import { recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { emailKey } from '../../security/email-address.ts'

/** Members in one round; each is a transaction of its own, so that a fault loses no more than one. */
const batch = 100

/**
 * The daily chore that does what members asked for. What was done stays done, and may be run again at any time, also by two processes at once.
 * The audit log keeps ids of the member, and no address or name.
 */
export const erasureChore = {
  name: 'erase members',
  async run(db: TenantDb, tenantId: string): Promise<void> {
    await eraseDueMembers(db, tenantId)
  },
}

/** Answers how many were erased. */
export async function eraseDueMembers(db: TenantDb, tenantId: string): Promise<number> {
  let [erased, after] = [0, '00000000-0000-0000-0000-000000000000']
  const faults: unknown[] = []
  for (;;) {
    const due = await db.$queryRaw<{ id: string }[]>`
      select id from members where erase_at <= now() and status <> 'active' and id > ${after}::uuid order by id limit ${batch}`
    for (const { id } of due) {
      // One who cannot be erased must not keep those after them.
      const done = await eraseMember(db, tenantId, id).catch((error) => void faults.push(error))
      if (done) erased++
    }
    const last = due.at(-1)
    if (!last) break
    after = last.id
  }
  if (faults.length > 0) throw faults[0]
  return erased
}

/** False where somebody kept the account this very moment, or another process was first. Whoever is active again is never erased. */
async function eraseMember(db: TenantDb, tenantId: string, id: string): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const [member] = await tx.$queryRaw<{ emailKey: string }[]>`
      select email_key as "emailKey" from members where id = ${id}::uuid and erase_at <= now() and status <> 'active' for update`
    if (!member) return false
    const addresses = [member.emailKey, ...(await addressesOfBefore(tx, id))]
    // What holds an address without pointing at the member. A mail that points at a challenge goes with it.
    await tx.mailMessage.deleteMany({ where: { recipient: { in: addresses } } })
    await tx.emailChallenge.deleteMany({ where: { OR: [{ memberId: id }, { emailKey: { in: addresses } }] } })
    await tx.invitation.deleteMany({ where: { emailKey: { in: addresses } } })
    await tx.member.deleteMany({ where: { id } })
    await recordEvent(tx, { tenantId, actor: { kind: 'system' } }, { action: 'member.erased', target: { kind: 'member', id } })
    return true
  })
}

/** Of changes that came about; but none that is another member's by now. */
async function addressesOfBefore(tx: Pick<TenantDb, 'emailChange' | 'member'>, memberId: string): Promise<string[]> {
  const changes = await tx.emailChange.findMany({ where: { memberId, appliedAt: { not: null } }, select: { oldEmail: true, newEmail: true } })
  const keys = changes.flatMap(({ oldEmail, newEmail }) => [oldEmail, newEmail].flatMap((email) => emailKey(email) ?? []))
  const others = await tx.member.findMany({ where: { emailKey: { in: keys }, id: { not: memberId } }, select: { emailKey: true } })
  const theirs = new Set(others.map((other) => other.emailKey))
  return [...new Set(keys)].filter((key) => !theirs.has(key))
}
