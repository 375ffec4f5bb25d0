import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { type FactorKind, owedFactors, readMemberFactors } from '../factors/member-factors.ts'
import { leaveEarlierSession } from '../sessions/leave-earlier-session.ts'
import type { Method } from '../sessions/method.ts'
import { presentedDevice, recogniseDevice } from '../sessions/recognise-device.ts'
import { type OpenSession, openSession } from '../sessions/session-store.ts'
import { openPendingSignIn } from './pending-sign-in.ts'

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
  /** Those that the member has, or where `enrol` those that can be set up. */
  factors: readonly FactorKind[]
  /** The site asks for a second factor and the member has none yet: it has to be set up now. */
  enrol: boolean
  expiresAt: Date
}

export type SignInOutcome = { outcome: 'signed-in'; session: OpenSession } | { outcome: 'owes-factor'; owed: OwedFactor }

/** Every way in ends here, whichever proof came first. What it costs beyond that proof is paid only by who has shown it. */
export async function finishSignIn(request: FastifyRequest, arrival: Arrival): Promise<SignInOutcome> {
  const owed = await owedBy(request, arrival)
  if (!owed) return { outcome: 'signed-in', session: await beginSession(request, arrival) }
  const pending = await openPendingSignIn(request, { ...arrival, enrol: owed.enrol })
  return { outcome: 'owes-factor', owed: { ...owed, ...pending } }
}

async function owedBy(
  { tenant, db, server }: FastifyRequest,
  { memberId, methods }: Arrival,
): Promise<Pick<OwedFactor, 'factors' | 'enrol'> | undefined> {
  // A passkey verifies its user: the device and what opens it are two factors (NIST SP 800-63B-4, 3.1.7).
  if (methods.includes('passkey')) return undefined
  const policy = await server.authPolicies.of(tenant, db)
  return policy.secondFactor === 'off' ? undefined : owedFactors(policy, await readMemberFactors(db, memberId))
}

type Tx = Pick<TenantDb, '$queryRaw' | 'session' | 'auditEvent' | 'mailMessage' | 'recoveryCode' | 'passkey' | 'totpFactor'>

/** What else belongs to the transaction in which a session begins: neither is there without the other. */
export interface AroundSession {
  /** Throws where there must be no session after all. */
  before?(tx: Tx): Promise<void>
  /** Mails: they come last in a transaction. */
  after?(tx: Tx): Promise<void>
}

/** The session itself, and what is said about it in the audit log, in one transaction. */
export async function beginSession(
  request: FastifyRequest,
  { memberId, epoch, methods }: Arrival,
  { before, after }: AroundSession = {},
): Promise<OpenSession> {
  const { tenant, db, server, headers, ip } = request
  const userAgent = headers['user-agent'] ?? ''
  const device = await presentedDevice(request)
  return db.$transaction(async (tx) => {
    await before?.(tx)
    await leaveEarlierSession(tx, request, memberId)
    const session = await openSession(tx, server.refreshTokens, { tenantId: tenant.id, memberId, epoch, methods, userAgent, address: ip })
    const event = { action: 'session.opened', target: { kind: 'session', id: session.id }, details: { methods } } as const
    await recordEvent(tx, originOf(request, { kind: 'member', id: memberId }), event)
    await recogniseDevice(tx, { tenantId: tenant.id, memberId }, device)
    await after?.(tx)
    return device.secret ? { ...session, deviceSecret: device.secret } : session
  })
}
