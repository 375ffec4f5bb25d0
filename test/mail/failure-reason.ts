import { type FailureReason, MailFailure } from '../../src/mail/providers/provider.ts'

/** Why it failed, in our words; `done` where it did not. Any other error is thrown on. */
export async function failureReason(work: Promise<unknown>): Promise<FailureReason | 'done'> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof MailFailure) return error.reason
    throw error
  }
}
