import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { Method } from '../sessions/method.ts'
import { presentedDevice, recogniseDevice } from '../sessions/recognise-device.ts'
import { type OpenSession, openSession } from '../sessions/session-store.ts'

/** Somebody who has proved to be this member, and by what. */
export interface Arrival {
  memberId: string
  /** The member's epoch as it was when the proof was checked. */
  epoch: number
  methods: readonly Method[]
}

/** What is left to show before there is a session. `secret` is for the caller alone, and named in each further step. */
export interface OwedFactor {
  secret: string
  factors: readonly ('totp' | 'passkey' | 'recovery-code')[]
  /** The site asks for a second factor and the member has none yet: it has to be set up now. */
  enrol: boolean
  expiresAt: Date
}

export type SignInOutcome = { outcome: 'signed-in'; session: OpenSession } | { outcome: 'owes-factor'; owed: OwedFactor }

/** Every way in ends here, whichever proof came first. */
export async function finishSignIn(request: FastifyRequest, arrival: Arrival): Promise<SignInOutcome> {
  return { outcome: 'signed-in', session: await beginSession(request, arrival) }
}

/** The session itself, and what is said about it in the audit log, in one transaction. */
export async function beginSession(request: FastifyRequest, { memberId, epoch, methods }: Arrival): Promise<OpenSession> {
  const { tenant, db, server, headers, ip } = request
  const userAgent = headers['user-agent'] ?? ''
  const device = await presentedDevice(request)
  return db.$transaction(async (tx) => {
    const session = await openSession(tx, server.refreshTokens, { tenantId: tenant.id, memberId, epoch, methods, userAgent, address: ip })
    const event = { action: 'session.opened', target: { kind: 'session', id: session.id }, details: { methods } } as const
    await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), event)
    await recogniseDevice(tx, { tenantId: tenant.id, memberId }, device)
    return device.secret ? { ...session, deviceSecret: device.secret } : session
  })
}
