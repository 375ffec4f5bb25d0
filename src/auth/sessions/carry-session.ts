import type { TenantDb } from '../../db/client.ts'

export interface CarriedSession {
  memberId: string
  sessionId: string
  /** The member's new one: the session is of the one before. */
  epoch: number
}

/**
 * Takes one session along into the epoch that ends all others. In the transaction that moves the epoch on; false where the session is over, or of
 * an epoch before.
 */
export async function carrySession(tx: Pick<TenantDb, '$executeRaw'>, { memberId, sessionId, epoch }: CarriedSession): Promise<boolean> {
  const carried = await tx.$executeRaw`
    update sessions set epoch = ${epoch}::integer
    where id = ${sessionId}::uuid and member_id = ${memberId}::uuid and epoch = ${epoch}::integer - 1
      and ended_at is null and least(expires_at, idle_expires_at) > now()`
  return carried === 1
}
