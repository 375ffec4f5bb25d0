import type { FastifyRequest } from 'fastify'
import { isProblem } from '../../errors.ts'
import { requireFreshProof } from '../sessions/fresh-proof.ts'

/** For a page that has forms of sensitive acts: whether they could be sent now. */
export async function hasFreshProof(request: FastifyRequest): Promise<boolean> {
  try {
    await requireFreshProof(request)
    return true
  } catch (error) {
    if (!isProblem(error) || error.code !== 'AUTH_PROOF_NEEDED') throw error
    return false
  }
}
