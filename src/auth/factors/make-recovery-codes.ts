import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countDearAct } from '../account/account-limits.ts'
import { RecoveryCodes } from './factor-fields.ts'
import { readFactorNotice, tellFactorChange } from './factor-notice.ts'
import { keepCodes } from './first-codes.ts'
import { lockMember, readMemberFactors } from './member-factors.ts'
import { makeRecoveryCodes } from './recovery-code.ts'

const MadeCodes = Type.Object({ recoveryCodes: RecoveryCodes }, { additionalProperties: false })

export const makeRecoveryCodesFlow = defineFlow({
  schema: {
    operationId: 'makeRecoveryCodes',
    summary: 'Make ten new recovery codes. Those of before are void',
    tags: ['factors'],
    security: [{ bearer: [] }, { cookie: [] }],
    response: { 201: MadeCodes, ...problems(400, 401, 403, 404, 409, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const answer = await renewRecoveryCodes(request)
    reply.code(201).header('cache-control', 'no-store')
    return answer
  },
})

export async function renewRecoveryCodes(request: FastifyRequest): Promise<Static<typeof MadeCodes>> {
  await countDearAct(request)
  const { tenant, db, server, session } = request
  const { memberId } = session
  const { totp, passkeys } = await readMemberFactors(db, memberId)
  if (totp + passkeys === 0) throw problem('FACTOR_MISSING')
  const notice = await readFactorNotice(request, memberId)
  const set = await makeRecoveryCodes(server.hasher)
  const recoveryCodes = await db.$transaction(async (tx) => {
    await lockMember(tx, memberId)
    const codes = await keepCodes(tx, request, { memberId, set })
    await tellFactorChange(tx, tenant.id, { notice, change: 'codes-made' })
    return codes
  })
  return { recoveryCodes }
}
