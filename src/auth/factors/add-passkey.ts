import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { AddedFactor } from './confirm-totp.ts'
import { FactorId, FactorName } from './factor-fields.ts'
import { readFactorNotice, tellFactorChange } from './factor-notice.ts'
import { keepFirstCodes, prepareFirstCodes } from './first-codes.ts'
import { verifyNewPasskey } from './keep-passkey.ts'
import { lockMember } from './member-factors.ts'
import { PasskeyCreationAnswer, passkeyCreationOptions } from './passkey-options.ts'
import { PasskeyAttestation, passkeyBodyLimit } from './passkey-response.ts'
import { requirePasskeys } from './relying-party.ts'

const security = [{ bearer: [] }, { cookie: [] }]

export const startPasskeyFlow = defineFlow({
  schema: {
    operationId: 'startPasskey',
    summary: 'Options for a new passkey. Good once, for five minutes, in this session',
    tags: ['factors'],
    security,
    response: { 200: PasskeyCreationAnswer, ...problems(400, 401, 403, 404, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return startPasskey(request)
  },
})

export const AddPasskeyBody = Type.Object({ challenge: FactorId, response: PasskeyAttestation, name: FactorName }, { additionalProperties: false })

export const addPasskeyFlow = defineFlow({
  schema: {
    operationId: 'addPasskey',
    summary: 'Add the passkey that the device has made. With the first factor of the account come recovery codes',
    tags: ['factors'],
    security,
    body: AddPasskeyBody,
    response: { 201: AddedFactor, ...problems(400, 401, 403, 404, 409, 413, 415, 503) },
  },
  bodyLimit: passkeyBodyLimit,
  async handler(request, reply) {
    const answer = await addPasskey(request, request.body)
    reply.code(201).header('cache-control', 'no-store')
    return answer
  },
})

export async function startPasskey(request: FastifyRequest): Promise<Static<typeof PasskeyCreationAnswer>> {
  await requirePasskeys(request)
  const { memberId, sessionId, member } = request.session
  return passkeyCreationOptions(request, { memberId, email: member.email, name: member.name }, sessionId)
}

export async function addPasskey(request: FastifyRequest, body: Static<typeof AddPasskeyBody>): Promise<Static<typeof AddedFactor>> {
  const { tenant, db, session } = request
  const { memberId, sessionId: boundTo } = session
  await requirePasskeys(request)
  const passkey = await verifyNewPasskey(request, { ...body, memberId, boundTo })
  const notice = await readFactorNotice(request, memberId)
  const set = await prepareFirstCodes(request, memberId)
  return db.$transaction(async (tx) => {
    await lockMember(tx, memberId)
    await passkey.keep(tx)
    const codes = await keepFirstCodes(tx, request, { memberId, set })
    await tellFactorChange(tx, tenant.id, { notice, change: 'passkey-added' })
    return { id: passkey.id, ...codes }
  })
}
