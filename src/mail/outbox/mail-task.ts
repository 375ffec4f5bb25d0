import type { Task } from 'graphile-worker'
import type { JobSession } from '../../jobs/job-session.ts'
import { isId } from '../../security/random-token.ts'
import { deliverMail } from './deliver-mail.ts'
import type { DeliveryTools } from './delivery-tools.ts'
import { tidyTime } from './tidy-mail.ts'

const taken = 1_000

/** The job that a trigger adds when a site's outbox gets a row. One at a time for each site, on whichever copy of the service. */
export function createMailTask(tools: DeliveryTools, session: JobSession): Task {
  return async (payload, { addJob, abortSignal }) => {
    const tenantId: unknown = Reflect.get(Object(payload), 'tenantId')
    if (typeof tenantId !== 'string' || !isId(tenantId)) throw new TypeError('the job names no tenant')
    const again = async (runAt: Date) => {
      // A wake-up that came meanwhile stays as early as it is.
      await addJob('deliver-mail', { tenantId }, { jobKey: `mail:${tenantId}`, jobKeyMode: 'preserve_run_at', runAt, maxAttempts: 1000 })
    }
    const lock = `mail ${tenantId}`
    if (!(await session.tryLock(lock))) return again(new Date(Date.now() + taken))
    let next: Date | undefined
    try {
      next = await deliverMail(tools, tenantId, abortSignal ?? new AbortController().signal)
    } finally {
      await session.unlock(lock)
    }
    // Not before the lock is free: somebody idle would begin the next turn at once, and find it taken.
    if (next) await again(next)
    // One that waits already stays where it is, or a busy site would never come to it.
    await addJob('tidy-mail', { tenantId }, { jobKey: `tidy:${tenantId}`, jobKeyMode: 'preserve_run_at', runAt: tidyTime() })
  }
}
