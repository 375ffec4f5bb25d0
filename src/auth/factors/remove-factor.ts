import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import type { AuthPolicy } from '../../tenancy/auth-policy.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { FactorParams } from './confirm-totp.ts'
import { FactorId } from './factor-fields.ts'
import { readFactorNotice, tellFactorChange } from './factor-notice.ts'
import { demandsFactor, lockMember, readMemberFactors, usableFactors } from './member-factors.ts'

export const PasskeyParams = Type.Object({ passkey: FactorId }, { additionalProperties: false })

const response = { 204: Type.Null(), ...problems(400, 401, 403, 404, 409, 503) }
const security = [{ bearer: [] }, { cookie: [] }]

export const removeTotpFlow = defineFlow({
  schema: { operationId: 'removeTotp', summary: 'Remove an authenticator app', tags: ['factors'], security, params: FactorParams, response },
  async handler(request, reply) {
    await removeTotp(request, request.params.factor)
    reply.code(204).send(null)
  },
})

export const removePasskeyFlow = defineFlow({
  schema: { operationId: 'removePasskey', summary: 'Remove a passkey', tags: ['factors'], security, params: PasskeyParams, response },
  async handler(request, reply) {
    await removePasskey(request, request.params.passkey)
    reply.code(204).send(null)
  },
})

type Tx = Pick<TenantDb, '$queryRaw' | 'totpFactor' | 'passkey' | 'recoveryCode'>

export async function removeTotp(request: FastifyRequest, id: string): Promise<void> {
  const { memberId } = request.session
  // One that is still being set up protects nothing, so that nobody has to be told.
  const { count } = await request.db.totpFactor.deleteMany({ where: { id, memberId, confirmedAt: null } })
  if (count > 0) return
  await remove(request, {
    change: 'totp-removed',
    event: { action: 'factor.removed', target: { kind: 'totp', id } },
    take: async (tx) => (await tx.totpFactor.deleteMany({ where: { id, memberId } })).count,
  })
}

export async function removePasskey(request: FastifyRequest, id: string): Promise<void> {
  const { memberId } = request.session
  await remove(request, {
    change: 'passkey-removed',
    event: { action: 'passkey.removed', target: { kind: 'passkey', id } },
    take: async (tx) => (await tx.passkey.deleteMany({ where: { id, memberId } })).count,
  })
}

interface Removal {
  change: 'totp-removed' | 'passkey-removed'
  event: Parameters<typeof recordEvent>[2]
  /** Answers how many are gone. */
  take(tx: Tx): Promise<number>
}

async function remove(request: FastifyRequest, { change, event, take }: Removal): Promise<void> {
  const { tenant, db, server, session } = request
  const { memberId } = session
  const policy = await server.authPolicies.of(tenant, db)
  const notice = await readFactorNotice(request, memberId)
  await db.$transaction(async (tx) => {
    // Of two who remove one each at once the second sees what the first has left.
    await lockMember(tx, memberId)
    await takeUnlessRequired(tx, { memberId, policy, take })
    await recordEvent(tx, originOf(request), event)
    await tellFactorChange(tx, tenant.id, { notice, change })
  })
}

interface Taking extends Pick<Removal, 'take'> {
  memberId: string
  policy: AuthPolicy
}

async function takeUnlessRequired(tx: Tx, { memberId, policy, take }: Taking): Promise<void> {
  const before = await readMemberFactors(tx, memberId)
  if ((await take(tx)) === 0) throw problem('FACTOR_UNKNOWN')
  const after = await readMemberFactors(tx, memberId)
  const wasLast = usableFactors(policy, before) > 0 && usableFactors(policy, after) === 0
  if (wasLast && demandsFactor(policy, after)) throw problem('FACTOR_REQUIRED')
  // Nothing is left that they could stand in for.
  if (after.totp + after.passkeys === 0) await tx.recoveryCode.deleteMany({ where: { memberId } })
}
