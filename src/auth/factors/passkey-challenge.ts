import type { TenantDb } from '../../db/client.ts'
import { newId, randomSecret } from '../../security/random-token.ts'
import { passkeyChallengeLife } from './factor-life.ts'

export type PasskeyPurpose = 'register' | 'sign-in' | 'second-factor' | 'reauthenticate'

/** What a challenge is for. A sign-in that names nobody has neither member nor anything it is bound to. */
export interface PasskeyUse {
  purpose: PasskeyPurpose
  memberId?: string
  /** The session or pending sign-in that has to bring the answer. */
  boundTo?: string
}

export interface OpenedChallenge {
  id: string
  /** What the authenticator signs: 256 bits as base64url. */
  challenge: string
}

export async function openPasskeyChallenge(
  { db, tenantId }: { db: TenantDb; tenantId: string },
  { purpose, memberId, boundTo }: PasskeyUse,
): Promise<OpenedChallenge> {
  const opened = { id: newId(), challenge: randomSecret() }
  const expiresAt = new Date(Date.now() + passkeyChallengeLife * 1000)
  // Anybody can ask for one: what is over goes when the next one comes.
  await db.passkeyChallenge.deleteMany({ where: { expiresAt: { lt: new Date() } } })
  await db.passkeyChallenge.create({ data: { tenantId, ...opened, purpose, memberId: memberId ?? null, boundTo: boundTo ?? null, expiresAt } })
  return opened
}

/** Spent before anything is verified, so that each is good for one answer, right or wrong. */
export async function spendPasskeyChallenge(db: TenantDb, id: string, { purpose, memberId, boundTo }: PasskeyUse): Promise<string | undefined> {
  const [spent] = await db.$queryRaw<{ challenge: string }[]>`
    update passkey_challenges set spent_at = now()
    where id = ${id}::uuid and purpose = ${purpose} and spent_at is null and expires_at > now()
      and member_id is not distinct from ${memberId ?? null}::uuid and bound_to is not distinct from ${boundTo ?? null}::uuid
    returning challenge`
  return spent?.challenge
}
