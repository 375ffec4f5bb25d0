import type { TenantDb } from '../../db/client.ts'
import type { AuthPolicy } from '../../tenancy/auth-policy.ts'
import type { Method } from './method.ts'

const secondFactors: readonly Method[] = ['passkey', 'totp', 'recovery-code']

/**
 * In the transaction of a policy that asks for a second factor from now on: sessions in which none was shown, of those whom it asks, do not go on.
 * `kept` does, the session of who decides: a factor is asked for, or set up, at its member's next sign-in.
 */
export async function endSingleFactorSessions(
  tx: Pick<TenantDb, '$executeRaw'>,
  { secondFactor }: Pick<AuthPolicy, 'secondFactor'>,
  kept: string,
): Promise<void> {
  if (secondFactor !== 'staff' && secondFactor !== 'required') return
  await tx.$executeRaw`
    update sessions s set ended_at = now(), end_reason = 'revoked', sealed_successor = null
    where s.ended_at is null and s.expires_at > now() and s.operator is null and s.id <> ${kept}::uuid and not (s.methods && ${[...secondFactors]}::text[])
      and (${secondFactor === 'required'} or exists (
        select from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
        where x.tenant_id = s.tenant_id and x.member_id = s.member_id and cardinality(r.permissions) > 0))`
}
