import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { keepRecoveryCodes, makeRecoveryCodes, type RecoverySet } from './recovery-code.ts'

/** A set for a member who has none; hashed before the transaction in which it is kept. */
export async function prepareFirstCodes({ db, server }: FastifyRequest, memberId: string): Promise<RecoverySet | undefined> {
  return (await db.recoveryCode.count({ where: { memberId } })) === 0 ? makeRecoveryCodes(server.hasher) : undefined
}

/** The codes to show; none where the member got some meanwhile. Under a lock of the member. */
export async function keepFirstCodes(
  tx: Pick<TenantDb, 'recoveryCode' | 'auditEvent'>,
  request: FastifyRequest,
  { memberId, set }: { memberId: string; set: RecoverySet | undefined },
): Promise<{ recoveryCodes?: string[] }> {
  if (!set || (await tx.recoveryCode.count({ where: { memberId } })) > 0) return {}
  return { recoveryCodes: await keepCodes(tx, request, { memberId, set }) }
}

/** Keeps the set, whatever there was, and says so in the audit log. */
export async function keepCodes(
  tx: Pick<TenantDb, 'recoveryCode' | 'auditEvent'>,
  request: FastifyRequest,
  { memberId, set }: { memberId: string; set: RecoverySet },
): Promise<string[]> {
  await keepRecoveryCodes(tx, { tenantId: request.tenant.id, memberId, set })
  const event = { action: 'factor.recovery-codes-made', target: { kind: 'member', id: memberId } } as const
  await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), event)
  return set.codes
}
