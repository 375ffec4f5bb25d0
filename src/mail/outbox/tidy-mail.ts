import type { Task } from 'graphile-worker'
import type { Database } from '../../db/client.ts'
import { isId } from '../../security/random-token.ts'

const day = 24 * 60 * 60_000

export function tidyTime(): Date {
  return new Date(Date.now() + day)
}

/** The job that a site gets a day after it sent mail: forgets what nobody can spend any more, and after ninety days what was sent. */
export function createTidyTask(database: Database): Task {
  return async (payload) => {
    const tenantId: unknown = Reflect.get(Object(payload), 'tenantId')
    if (typeof tenantId !== 'string' || !isId(tenantId)) throw new TypeError('the job names no tenant')
    const db = database.forTenant(tenantId)
    // A sign-up that was never confirmed holds a name and the hash of a password.
    await db.$executeRaw`update email_challenges set payload = null where expires_at < now() and payload is not null`
    await db.$executeRaw`delete from mail_messages where created_at < now() - interval '90 days' and status <> 'queued'`
    await db.$executeRaw`delete from email_challenges where expires_at < now() - interval '90 days'`
  }
}
