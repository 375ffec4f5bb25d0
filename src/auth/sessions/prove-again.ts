import type { FastifyRequest } from 'fastify'
import type { TenantDb } from '../../db/client.ts'
import { isProblem } from '../../errors.ts'
import { proveChallenge, spendChallenge } from '../account/challenge.ts'
import { readMemberFactors, usableFactors } from '../factors/member-factors.ts'
import type { Method } from './method.ts'

/** What a member can show to prove once more who they are. */
export type FirstProof = { password: string } | { challenge: string; code: string }

type Tx = Pick<TenantDb, '$queryRaw' | 'recoveryCode' | 'auditEvent' | 'mailMessage'>

/** What was shown, and what of it has to be spent, in the transaction that counts it. False: somebody else came first. */
export interface Shown {
  method: Method
  spend?(tx: Tx): Promise<boolean>
  /** The mails about it; last in that transaction. */
  tell?(tx: Tx): Promise<void>
}

export interface Credentials {
  hash: string | null
  /** Whether the member is asked for a second factor when signing in. */
  hasFactor: boolean
}

/** Undefined where it proves nothing. */
export function proveAgain(request: FastifyRequest, { hash }: Credentials, proof: FirstProof): Promise<Shown | undefined> {
  return 'password' in proof ? byPassword(request, hash, proof.password) : byMailedCode(request, hash, proof)
}

export async function readCredentials({ db, session, server, tenant }: FastifyRequest): Promise<Credentials> {
  const policy = await server.authPolicies.of(tenant, db)
  const password = await db.password.findFirst({ where: { memberId: session.memberId }, select: { hash: true } })
  const hasFactor = policy.secondFactor !== 'off' && usableFactors(policy, await readMemberFactors(db, session.memberId)) > 0
  return { hash: password?.hash ?? null, hasFactor }
}

async function byPassword({ server }: FastifyRequest, hash: string | null, password: string): Promise<Shown | undefined> {
  return (await server.hasher.verify(hash ?? undefined, password)) ? { method: 'password' } : undefined
}

/** Of `POST /v1/auth/mailed-sign-in`, and for who has no password only: whoever reads the mail of a member must not get around theirs. */
async function byMailedCode(request: FastifyRequest, hash: string | null, proof: { challenge: string; code: string }): Promise<Shown | undefined> {
  if (hash !== null) return undefined
  const proven = await proveChallenge(request, 'sign-in', proof).catch((error) => {
    if (isProblem(error) && error.code === 'CHALLENGE_INVALID') return undefined
    throw error
  })
  if (proven?.memberId !== request.session.memberId) return undefined
  return { method: 'email-code', spend: async (tx) => (await spendChallenge(tx, 'sign-in', proven.id)) !== undefined }
}
