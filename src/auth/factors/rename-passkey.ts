import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { FactorName, PasskeyView } from './factor-fields.ts'
import { shown } from './list-factors.ts'
import { PasskeyParams } from './remove-factor.ts'

export const RenamePasskeyBody = Type.Object({ name: FactorName }, { additionalProperties: false })

export const renamePasskeyFlow = defineFlow({
  schema: {
    operationId: 'renamePasskey',
    summary: 'Give a passkey another name',
    tags: ['factors'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: PasskeyParams,
    body: RenamePasskeyBody,
    response: { 200: PasskeyView, ...problems(400, 401, 403, 404, 413, 415, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return renamePasskey(request, request.params.passkey, request.body)
  },
})

export async function renamePasskey(
  { db, session }: FastifyRequest,
  id: string,
  { name }: Static<typeof RenamePasskeyBody>,
): Promise<Static<typeof PasskeyView>> {
  const where = { id, memberId: session.memberId }
  await db.passkey.updateMany({ where, data: { name } })
  const select = { id: true, name: true, createdAt: true, lastUsedAt: true, backedUp: true } as const
  const renamed = await db.passkey.findFirst({ where, select })
  if (!renamed) throw problem('FACTOR_UNKNOWN')
  return shown(renamed)
}
