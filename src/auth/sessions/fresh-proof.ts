import type { FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'
import { freshProofLife } from './token-life.ts'

interface Proof {
  /** Seconds since the member last proved who they are in this session. */
  age: number
  operated: boolean
}

/**
 * For sensitive acts (ASVS V7.5.1): 403 AUTH_PROOF_NEEDED unless the member of the session proved who they are within ten minutes, 403
 * AUTH_OPERATOR_REFUSED to an operator who acts as the member. Asks the database, never memory: what ended a moment ago ends here too.
 */
export async function requireFreshProof({ db, session }: FastifyRequest): Promise<void> {
  const [proof] = await db.$queryRaw<Proof[]>`
    select extract(epoch from now() - s.authenticated_at)::float8 as age, s.operator is not null as operated
    from sessions s join members m on m.tenant_id = s.tenant_id and m.id = s.member_id
    where s.id = ${session.sessionId}::uuid and m.id = ${session.memberId}::uuid and m.status = 'active'
      and s.epoch = m.epoch and s.ended_at is null and least(s.expires_at, s.idle_expires_at) > now()`
  if (!proof) throw problem('AUTH_TOKEN_INVALID')
  if (proof.operated) throw problem('AUTH_OPERATOR_REFUSED')
  if (proof.age > freshProofLife) throw problem('AUTH_PROOF_NEEDED')
}
