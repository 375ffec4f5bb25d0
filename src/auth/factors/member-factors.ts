import type { TenantDb } from '../../db/client.ts'
import type { AuthPolicy } from '../../tenancy/auth-policy.ts'

/** What a member could show as a second factor, and what policies ask about the member. */
export interface MemberFactors {
  totp: number
  passkeys: number
  /** Unused. */
  recoveryCodes: number
  /** Holds a permission. */
  staff: boolean
}

export type FactorKind = 'totp' | 'passkey' | 'recovery-code'

/** Counts for one statement whichever site and member: a sign-in waits for it. */
export async function readMemberFactors(db: Pick<TenantDb, '$queryRaw'>, memberId: string): Promise<MemberFactors> {
  const [row] = await db.$queryRaw<MemberFactors[]>`
    select (select count(*)::int from totp_factors f where f.member_id = ${memberId}::uuid and f.confirmed_at is not null) as totp,
      (select count(*)::int from passkeys p where p.member_id = ${memberId}::uuid) as passkeys,
      (select count(*)::int from recovery_codes c where c.member_id = ${memberId}::uuid and c.used_at is null) as "recoveryCodes",
      exists(select from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
        where x.member_id = ${memberId}::uuid and cardinality(r.permissions) > 0) as staff`
  if (!row) throw new Error('a query without a source has one row')
  return row
}

/** How many factors the member can be asked for. Where a site uses no passkeys they count for nothing, neither as a way in nor as a factor. */
export function usableFactors({ passkeys }: Pick<AuthPolicy, 'passkeys'>, held: MemberFactors): number {
  return held.totp + (passkeys ? held.passkeys : 0)
}

/** Whether the site asks this member to have a second factor. */
export function demandsFactor({ secondFactor }: Pick<AuthPolicy, 'secondFactor'>, { staff }: Pick<MemberFactors, 'staff'>): boolean {
  return secondFactor === 'required' || (secondFactor === 'staff' && staff)
}

/** What is owed after a first proof; undefined where nothing is. */
export function owedFactors(policy: AuthPolicy, held: MemberFactors): { factors: FactorKind[]; enrol: boolean } | undefined {
  if (policy.secondFactor === 'off') return undefined
  if (usableFactors(policy, held) > 0) {
    const has = { totp: held.totp > 0, passkey: policy.passkeys && held.passkeys > 0, 'recovery-code': held.recoveryCodes > 0 }
    return { factors: kinds.filter((kind) => has[kind]), enrol: false }
  }
  return demandsFactor(policy, held) ? { factors: policy.passkeys ? ['totp', 'passkey'] : ['totp'], enrol: true } : undefined
}

const kinds: readonly FactorKind[] = ['totp', 'passkey', 'recovery-code']

/** Changes of a member's factors take turns: what is counted afterwards stays so until the end of the transaction. */
export async function lockMember(tx: Pick<TenantDb, '$queryRaw'>, memberId: string): Promise<void> {
  await tx.$queryRaw`select id from members where id = ${memberId}::uuid for no key update`
}
