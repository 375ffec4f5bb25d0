import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { FactorsAnswer } from './factor-fields.ts'
import { demandsFactor, readMemberFactors } from './member-factors.ts'

export const listFactorsFlow = defineFlow({
  schema: {
    operationId: 'listFactors',
    summary: 'Second factors and passkeys of the signed-in member',
    tags: ['factors'],
    security: [{ bearer: [] }, { cookie: [] }],
    response: { 200: FactorsAnswer, ...problems(401, 403, 404, 503) },
  },
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return listFactors(request)
  },
})

export async function listFactors(request: FastifyRequest): Promise<Static<typeof FactorsAnswer>> {
  const { tenant, db, server, session } = request
  const { memberId } = session
  const select = { id: true, name: true, createdAt: true, lastUsedAt: true } as const
  const orderBy = { createdAt: 'asc' } as const
  const policy = await server.authPolicies.of(tenant, db)
  const held = await readMemberFactors(db, memberId)
  const totp = await db.totpFactor.findMany({ where: { memberId, confirmedAt: { not: null } }, select, orderBy })
  const passkeys = await db.passkey.findMany({ where: { memberId }, select: { ...select, backedUp: true }, orderBy })
  return { required: demandsFactor(policy, held), totp: totp.map(shown), passkeys: passkeys.map(shown), recoveryCodesLeft: held.recoveryCodes }
}

/** Dates as text. */
export function shown<Row extends { createdAt: Date; lastUsedAt: Date | null }>(row: Row) {
  return { ...row, createdAt: row.createdAt.toISOString(), lastUsedAt: row.lastUsedAt?.toISOString() ?? null }
}
