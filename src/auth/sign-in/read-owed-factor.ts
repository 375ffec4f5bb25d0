import type { FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'
import { countProof } from '../account/account-limits.ts'
import { owedFactors, readMemberFactors } from '../factors/member-factors.ts'
import type { OwedFactor } from './finish-sign-in.ts'
import { findPendingSignIn, pendingForm } from './pending-sign-in.ts'

/**
 * What a pending sign-in still owes, for a page that is shown again. 401 PENDING_INVALID where it is void, and where the member or the site has changed so
 * much meanwhile that it has to begin again.
 */
export async function readOwedFactor(request: FastifyRequest, secret: string): Promise<Pick<OwedFactor, 'secret' | 'factors' | 'enrol'>> {
  const { tenant, db, server } = request
  await countProof(request)
  if (!pendingForm.test(secret)) throw problem('PENDING_INVALID')
  const { memberId, enrol } = await findPendingSignIn(db, secret)
  const owed = owedFactors(await server.authPolicies.of(tenant, db), await readMemberFactors(db, memberId))
  if (owed?.enrol !== enrol) throw problem('PENDING_INVALID')
  return { secret, ...owed }
}
