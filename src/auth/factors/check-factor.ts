import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { refuseFor } from '../../errors.ts'
import { countedTry } from '../guards/counted-try.ts'
import type { Method } from '../sessions/method.ts'
import { checkPasskey, type PasskeyProof } from './check-passkey.ts'
import { type FactorNotice, tellFactorChange } from './factor-notice.ts'
import { findRecoveryCode, spendRecoveryCode } from './recovery-code.ts'
import { requirePasskeys } from './relying-party.ts'
import { checkTotp } from './totp-factor.ts'

type TypedProof = { code: string } | { recoveryCode: string }
export type FactorProof = TypedProof | { passkey: PasskeyProof }

type Tx = Pick<TenantDb, '$queryRaw' | 'recoveryCode' | 'auditEvent' | 'mailMessage'>

/** A factor that was right, and has still to be spent in the transaction of what it is shown for. */
export interface CheckedFactor {
  method: Method
  /** False where somebody else spent it this very moment. */
  spend(tx: Tx): Promise<boolean>
  /** What the member is told; last in the transaction. */
  tell(tx: Tx): Promise<void>
}

export interface Check {
  memberId: string
  /** The pending sign-in or the session in which it is shown: a passkey's challenge belongs to that. */
  boundTo: string
  purpose: 'second-factor' | 'reauthenticate'
  notice: FactorNotice
}

/**
 * Undefined where the factor is wrong, or was used. Wrong ones count for the member: 429 RATE_LIMITED while the account has to wait.
 */
export async function checkFactor(request: FastifyRequest, check: Check, proof: FactorProof): Promise<CheckedFactor | undefined> {
  // A signature cannot be guessed: who has the passkey is not kept waiting for what others failed at.
  if ('passkey' in proof) return comparePasskey(request, check, proof.passkey)
  return countedTry(request, factorAccount(request, check.memberId), () => compare(request, check, proof))
}

/** 429 RATE_LIMITED while the account has to wait: before a try is counted anywhere. */
export async function refuseWhileLocked(request: FastifyRequest, memberId: string): Promise<void> {
  refuseFor(await request.server.limits.failedSignIns.wait(factorAccount(request, memberId)))
}

/** Apart from failed passwords: only who has shown the first factor gets here, so that a stranger cannot lock the member's second one. */
export function factorAccount({ tenant }: FastifyRequest, memberId: string): string {
  return `${tenant.id} factor ${memberId}`
}

function compare(request: FastifyRequest, check: Check, proof: TypedProof): Promise<CheckedFactor | undefined> {
  return 'code' in proof ? compareTotp(request, check, proof.code) : compareRecoveryCode(request, check, proof.recoveryCode)
}

const nothing = async () => {}

async function compareTotp(request: FastifyRequest, { memberId }: Check, code: string): Promise<CheckedFactor | undefined> {
  const found = await checkTotp(request, memberId, code)
  return found && { method: 'totp', spend: found.spend, tell: nothing }
}

async function comparePasskey(
  request: FastifyRequest,
  { memberId, boundTo, purpose }: Check,
  proof: PasskeyProof,
): Promise<CheckedFactor | undefined> {
  await requirePasskeys(request)
  const found = await checkPasskey(request, { purpose, memberId, boundTo }, proof)
  return found && { method: 'passkey', spend: found.spend, tell: nothing }
}

async function compareRecoveryCode(request: FastifyRequest, { memberId, notice }: Check, typed: string): Promise<CheckedFactor | undefined> {
  const { tenant, db, server } = request
  const id = await findRecoveryCode(db, server.hasher, { memberId, typed })
  if (id === undefined) return undefined
  return {
    method: 'recovery-code',
    async spend(tx) {
      if (!(await spendRecoveryCode(tx, id))) return false
      const left = await tx.recoveryCode.count({ where: { memberId, usedAt: null } })
      const event = { action: 'factor.recovery-code-used', target: { kind: 'member', id: memberId }, details: { left } } as const
      await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), event)
      return true
    },
    tell: (tx) => tellFactorChange(tx, tenant.id, { notice, change: 'code-used' }),
  }
}
