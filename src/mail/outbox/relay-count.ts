import type { Database } from '../../db/client.ts'
import type { ChosenAccount } from '../account/choose-account.ts'

/** Adds to what the platform's account has sent for sites today. */
export async function countRelayed(database: Database, { accountTenantId }: ChosenAccount, mails: number): Promise<void> {
  await database.forTenant(accountTenantId).$executeRaw`
    update mail_accounts set relayed_on = (now() at time zone 'utc')::date,
      relayed = ${mails} + case when relayed_on = (now() at time zone 'utc')::date then relayed else 0 end`
}
