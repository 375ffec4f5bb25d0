import { createFailureDelay } from '../failure-delay.ts'
import { createRateLimiter } from '../rate-limiter.ts'
import type { LimitStore } from './store.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** The service's limits and their figures. What each counts by is said where it is declared, in plugins/identity.ts. */
export function createLimits(store: LimitStore) {
  const rate = (name: string, limit: number, windowMs: number) => createRateLimiter({ store, name, limit, windowMs })
  return {
    signIns: rate('sign-ins', 10, minute),
    failedSignIns: createFailureDelay(Date.now, { store, name: 'failed-sign-ins' }),
    dearActs: rate('dear-acts', 30, hour),
    failedKeys: rate('failed-keys', 10, minute),
    refreshes: rate('refreshes', 60, minute),
    accountRequests: rate('account-requests', 10, minute),
    accountRequestsDaily: rate('account-requests-daily', 200, day),
    passwordHints: rate('password-hints', 60, minute),
    proofs: rate('proofs', 30, minute),
    mailsSoon: rate('mails-soon', 1, minute),
    mailsHourly: rate('mails-hourly', 5, hour),
    invitations: rate('invitations', 50, hour),
    formPosts: rate('form-posts', 5, minute),
    formPostsDaily: rate('form-posts-daily', 50, day),
    mailChecks: rate('mail-checks', 10, minute),
  }
}
