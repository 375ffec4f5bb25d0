import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { wantsCookies } from './recognise-device.ts'
import { endSession } from './session-store.ts'
import { refreshCookie } from './token-answer.ts'

/**
 * ASVS V7.2.4: a browser that signs in ends the session that its cookies continued until now, whoever's that was. `memberId` signs in. In the transaction of the sign-in.
 * Whoever holds a refresh token could end its session anyway.
 */
export async function leaveEarlierSession(tx: Pick<TenantDb, 'session' | 'auditEvent'>, request: FastifyRequest, memberId: string): Promise<void> {
  const { tenant, server, cookies } = request
  const earlier = wantsCookies(request) ? server.refreshTokens.read(tenant.id, cookies[refreshCookie] ?? '') : undefined
  if (!earlier || !(await endSession(tx, earlier.sessionId, 'signed_out'))) return
  const event = { action: 'session.ended', target: { kind: 'session', id: earlier.sessionId }, details: { by: 'sign-in' } } as const
  await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), event)
}
