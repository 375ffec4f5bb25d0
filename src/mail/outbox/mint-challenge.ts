import type { TenantDb } from '../../db/client.ts'
import type { ChallengeMint } from '../../security/challenge-secrets.ts'

export interface Minted {
  token: string
  code: string
}

const codeLife = 10 * 60_000

/** Makes link and code of a challenge, and keeps their hashes. Undefined where it has been spent or is over: then its mail is worth nothing. */
export async function mintChallenge(
  db: Pick<TenantDb, 'emailChallenge'>,
  mint: ChallengeMint,
  { tenantId, id }: { tenantId: string; id: string },
): Promise<Minted | undefined> {
  const challenge = await db.emailChallenge.findFirst({ where: { id }, select: { tokenHash: true, expiresAt: true, spentAt: true } })
  if (!challenge || challenge.spentAt || challenge.expiresAt <= new Date()) return undefined
  const { token, code, tokenHash, codeHash } = mint.mint(tenantId, id, challenge.tokenHash ?? undefined)
  const codeExpiresAt = new Date(Math.min(Date.now() + codeLife, challenge.expiresAt.getTime()))
  await db.emailChallenge.updateMany({ where: { id, spentAt: null }, data: { tokenHash, codeHash, codeExpiresAt } })
  return { token, code }
}
