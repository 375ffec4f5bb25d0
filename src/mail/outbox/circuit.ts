import type { Database } from '../../db/client.ts'
import type { ChosenAccount } from '../account/choose-account.ts'
import type { FailureReason } from '../providers/provider.ts'
import { circuitPause } from './back-off.ts'

/**
 * The circuit breaker of an account: a server that fails as a whole is left alone for a while, longer each time, so that it costs every worker no
 * more than one try. It is kept with the account, so that all copies of the service heed it.
 */
export async function breakCircuit(database: Database, { accountTenantId, revision, failures }: ChosenAccount, reason: FailureReason): Promise<void> {
  const pausedUntil = new Date(Date.now() + circuitPause(failures + 1))
  // Of several turns that meet the same failure at once, as those on the platform's account do, one counts.
  await database.forTenant(accountTenantId).mailAccount.updateMany({
    where: { revision, failures },
    data: { failures: failures + 1, lastFailure: reason, pausedUntil },
  })
}

export async function closeCircuit(database: Database, { accountTenantId }: ChosenAccount): Promise<void> {
  await database.forTenant(accountTenantId).$executeRaw`
    update mail_accounts set failures = 0, last_failure = null, paused_until = null where failures > 0`
}
