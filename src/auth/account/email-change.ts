import type { TenantDb } from '../../db/client.ts'
import type { Purpose } from './challenge.ts'

export const emailChangePurposes: readonly Purpose[] = ['change-email-old', 'change-email-new']

export interface EmailChange {
  id: string
  memberId: string
  oldEmail: string
  newEmail: string
  oldChallenge: string
  newChallenge: string
  askedIn: string
  oldConfirmed: boolean
  newConfirmed: boolean
  applied: boolean
  undone: boolean
  /** Neither confirmed in time nor, once applied, to be undone any more. */
  over: boolean
  /** Of the member, as of now. */
  status: string
  emailKey: string
}

/**
 * The change that a mail belongs to, by either of its challenges. Locks the member and then the change: whatever else happens to either waits, so
 * that of simultaneous confirmations, and of one and an undo, the later finds what the earlier did.
 */
export async function lockEmailChange(tx: Pick<TenantDb, '$queryRaw'>, challenge: string): Promise<EmailChange | undefined> {
  const [change] = await tx.$queryRaw<EmailChange[]>`
    select c.id, c.member_id as "memberId", c.old_email as "oldEmail", c.new_email as "newEmail", c.old_challenge as "oldChallenge",
      c.new_challenge as "newChallenge", c.asked_in as "askedIn", c.old_confirmed_at is not null as "oldConfirmed",
      c.new_confirmed_at is not null as "newConfirmed", c.applied_at is not null as applied, c.undone_at is not null as undone,
      c.expires_at <= now() as over, m.status, m.email_key as "emailKey"
    from members m join email_changes c on c.tenant_id = m.tenant_id and c.member_id = m.id
    where c.old_challenge = ${challenge}::uuid or c.new_challenge = ${challenge}::uuid
    for update of m, c`
  return change
}

/** Ends every change of the member that has not been applied yet; false where there was none. The mails' links and codes are void with it. */
export async function voidPendingChanges(tx: Pick<TenantDb, '$executeRaw'>, memberId: string): Promise<boolean> {
  const spent = await tx.$executeRaw`
    with gone as (
      update email_changes set undone_at = now() where member_id = ${memberId}::uuid and applied_at is null and undone_at is null
      returning tenant_id, old_challenge, new_challenge)
    update email_challenges c set spent_at = now() from gone
    where c.tenant_id = gone.tenant_id and c.id in (gone.old_challenge, gone.new_challenge) and c.spent_at is null and c.expires_at > now()`
  return spent > 0
}

/** For an eye that may be a stranger's: enough to know the address again. */
export function hideEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${[...email][0]}•••${email.slice(at)}`
}
