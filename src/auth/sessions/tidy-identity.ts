import type { TenantDb } from '../../db/client.ts'

/**
 * Forgets what is over and holds addresses of people and machines: at once what somebody typed who never became a member, after a day what could be
 * spent for minutes, after ninety days sessions, changes of address and visits of operators, after a year devices that were not seen again.
 */
export const identityChore = {
  name: 'tidy identity',
  async run(db: TenantDb): Promise<void> {
    await db.$executeRaw`update email_challenges set payload = null where expires_at < now() and payload is not null`
    await db.$executeRaw`delete from pending_sign_ins where expires_at < now() - interval '1 day'`
    await db.$executeRaw`delete from passkey_challenges where expires_at < now() - interval '1 day'`
    await db.$executeRaw`
      delete from sessions where coalesce(ended_at, least(expires_at, idle_expires_at)) < now() - interval '90 days'`
    await db.$executeRaw`delete from email_changes where expires_at < now() - interval '90 days'`
    await db.$executeRaw`delete from operator_entries where expires_at < now() - interval '90 days'`
    await db.$executeRaw`delete from known_devices where last_seen_at < now() - interval '1 year'`
  },
}
