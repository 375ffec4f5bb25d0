import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { RecoveryCodes } from '../factors/factor-fields.ts'
import { type FactorChange, type FactorNotice, tellFactorChange } from '../factors/factor-notice.ts'
import { keepCodes } from '../factors/first-codes.ts'
import { lockMember, readMemberFactors, usableFactors } from '../factors/member-factors.ts'
import { makeRecoveryCodes } from '../factors/recovery-code.ts'
import type { Method } from '../sessions/method.ts'
import type { OpenSession } from '../sessions/session-store.ts'
import { TokenAnswer } from '../sessions/token-answer.ts'
import { beginSession } from './finish-sign-in.ts'
import { findPendingSignIn, type PendingSignIn, spendPendingSignIn } from './pending-sign-in.ts'

/** Tokens, and the codes to keep for the day when the factor is lost. */
export const EnrolledAnswer = Type.Object({ ...TokenAnswer.properties, recoveryCodes: RecoveryCodes }, { additionalProperties: false })

export interface Enrolled {
  session: OpenSession
  recoveryCodes: string[]
}

export interface Enrolment {
  pending: PendingSignIn
  notice: FactorNotice
  method: Method
  change: FactorChange
  add(tx: Pick<TenantDb, 'totpFactor' | 'passkey' | 'auditEvent'>): Promise<void>
}

/** 401 PENDING_INVALID where the member has a factor: that one has to be shown, and no other is set up by the password alone. */
export async function findEnrolment({ db }: FastifyRequest, secret: string): Promise<PendingSignIn> {
  const pending = await findPendingSignIn(db, secret)
  if (!pending.enrol) throw problem('PENDING_INVALID')
  return pending
}

/** The factor, its recovery codes and the session begin together. */
export async function finishEnrolment(request: FastifyRequest, { pending, notice, method, change, add }: Enrolment): Promise<Enrolled> {
  const { tenant, db, server } = request
  const { id, memberId, epoch } = pending
  const policy = await server.authPolicies.of(tenant, db)
  const set = await makeRecoveryCodes(server.hasher)
  const session = await beginSession(
    request,
    { memberId, epoch, methods: [...pending.methods, method] },
    {
      async before(tx) {
        // Two sign-ins that began without a factor: the first to finish has set one up, and the other has to show it.
        await lockMember(tx, memberId)
        await spendPendingSignIn(tx, id)
        if (usableFactors(policy, await readMemberFactors(tx, memberId)) > 0) throw problem('PENDING_INVALID')
        await add(tx)
        await keepCodes(tx, request, { memberId, set })
      },
      after: (tx) => tellFactorChange(tx, tenant.id, { notice, change }),
    },
  )
  return { session, recoveryCodes: set.codes }
}
