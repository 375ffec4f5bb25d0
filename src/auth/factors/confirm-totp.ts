import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countProof } from '../account/account-limits.ts'
import { FactorId, RecoveryCodes, TotpCode } from './factor-fields.ts'
import { mostTotpFactors, totpSetupLife } from './factor-life.ts'
import { readFactorNotice, tellFactorChange } from './factor-notice.ts'
import { keepFirstCodes, prepareFirstCodes } from './first-codes.ts'
import { lockMember } from './member-factors.ts'
import { stepOfCode } from './totp.ts'
import { openTotp } from './totp-factor.ts'

const strict = { additionalProperties: false }
export const FactorParams = Type.Object({ factor: FactorId }, strict)
export const ConfirmTotpBody = Type.Object({ code: TotpCode }, strict)
export const AddedFactor = Type.Object({ id: FactorId, recoveryCodes: Type.Optional(RecoveryCodes) }, strict)

export const confirmTotpFlow = defineFlow({
  schema: {
    operationId: 'confirmTotp',
    summary: 'Confirm an authenticator app by its first code. With the first factor of the account come recovery codes',
    tags: ['factors'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: FactorParams,
    body: ConfirmTotpBody,
    response: { 200: AddedFactor, ...problems(400, 401, 403, 404, 409, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return confirmTotp(request, request.params.factor, request.body)
  },
})

export async function confirmTotp(
  request: FastifyRequest,
  id: string,
  { code }: Static<typeof ConfirmTotpBody>,
): Promise<Static<typeof AddedFactor>> {
  const { tenant, db, session } = request
  const { memberId } = session
  await countProof(request)
  const since = new Date(Date.now() - totpSetupLife * 1000)
  const begun = await db.totpFactor.findFirst({
    where: { id, memberId, confirmedAt: null, createdAt: { gt: since } },
    select: { sealedSecret: true },
  })
  if (!begun) throw problem('FACTOR_UNKNOWN')
  const step = stepOfCode(openTotp(request, begun.sealedSecret), code)
  if (step === undefined) throw problem('FACTOR_CODE_INVALID')
  const notice = await readFactorNotice(request, memberId)
  const set = await prepareFirstCodes(request, memberId)
  return db.$transaction(async (tx) => {
    await lockMember(tx, memberId)
    if ((await tx.totpFactor.count({ where: { memberId, confirmedAt: { not: null } } })) >= mostTotpFactors) throw problem('FACTOR_LIMIT')
    // This code is spent: it does not sign in as well.
    const confirmed = { confirmedAt: new Date(), lastStep: step }
    const { count } = await tx.totpFactor.updateMany({ where: { id, memberId, confirmedAt: null }, data: confirmed })
    if (count === 0) throw problem('FACTOR_UNKNOWN')
    const codes = await keepFirstCodes(tx, request, { memberId, set })
    await recordEvent(tx, originOf(request), { action: 'factor.added', target: { kind: 'totp', id } })
    await tellFactorChange(tx, tenant.id, { notice, change: 'totp-added' })
    return { id, ...codes }
  })
}
