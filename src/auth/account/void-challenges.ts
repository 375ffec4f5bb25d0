import type { TenantDb } from '../../db/client.ts'
import type { Purpose } from './challenge.ts'

/** Ways in by mail: what was asked for before a new password or another address counts no more. */
export const waysIn: readonly Purpose[] = ['reset-password', 'sign-in']

/** Spends every open challenge of the member with one of these purposes. */
export async function voidChallenges(tx: Pick<TenantDb, 'emailChallenge'>, memberId: string, purposes: readonly Purpose[]): Promise<void> {
  const open = { memberId, purpose: { in: [...purposes] }, spentAt: null }
  await tx.emailChallenge.updateMany({ where: open, data: { spentAt: new Date() } })
}
