import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { newId } from '../../security/random-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { FactorId, FactorName, TotpSetupAnswer } from './factor-fields.ts'
import { mostTotpFactors } from './factor-life.ts'
import { newTotpSecret } from './totp.ts'
import { describeTotpFor, sealTotp } from './totp-factor.ts'

export const StartTotpBody = Type.Object({ name: Type.Optional(FactorName) }, { additionalProperties: false })

const StartedTotp = Type.Object({ id: FactorId, ...TotpSetupAnswer.properties }, { additionalProperties: false })

export const startTotpFlow = defineFlow({
  schema: {
    operationId: 'startTotp',
    summary: 'Begin to set up an authenticator app. It counts once its first code is confirmed, within ten minutes',
    tags: ['factors'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: Type.Optional(StartTotpBody),
    response: { 201: StartedTotp, ...problems(400, 401, 403, 404, 409, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const answer = await startTotp(request, request.body ?? {})
    reply.code(201).header('cache-control', 'no-store')
    return answer
  },
})

export async function startTotp(
  request: FastifyRequest,
  { name = 'Authenticator' }: Static<typeof StartTotpBody>,
): Promise<Static<typeof StartedTotp>> {
  const { tenant, db, session } = request
  const { memberId } = session
  const secret = newTotpSecret()
  const id = newId()
  const setup = await describeTotpFor(request, secret, session.member.email)
  const sealedSecret = sealTotp(request, secret)
  await db.$transaction(async (tx) => {
    if ((await tx.totpFactor.count({ where: { memberId, confirmedAt: { not: null } } })) >= mostTotpFactors) throw problem('FACTOR_LIMIT')
    // One is set up at a time: what was begun before is given up.
    await tx.totpFactor.deleteMany({ where: { memberId, confirmedAt: null } })
    await tx.totpFactor.create({ data: { tenantId: tenant.id, id, memberId, name, sealedSecret } })
  })
  return { id, ...setup }
}
