import type { TenantDb } from '../../db/client.ts'
import { newId } from '../../security/random-token.ts'
import { hashToken, openUnder, type RefreshTokens, sameHash, sealUnder } from '../../security/refresh-token.ts'
import type { Authentication } from './authentication-claims.ts'
import { carrySession } from './carry-session.ts'
import type { Method } from './method.ts'
import { refreshAbsoluteLife, refreshIdleLife, refreshRaceWindow } from './token-life.ts'

/** A session with the refresh token that continues it. */
export interface OpenSession extends Authentication {
  id: string
  memberId: string
  refreshToken: string
  /** For the cookie of a browser that signs in. */
  deviceSecret?: string
}

export type Rotation = { outcome: 'rotated'; session: OpenSession } | { outcome: 'reused' | 'ended' }

export interface NewSession {
  tenantId: string
  memberId: string
  /** The member's, when the first proof was shown: whatever raised it since ends this session before it begins. */
  epoch: number
  methods: readonly Method[]
  userAgent: string
  /** The client's. */
  address: string
}

const after = (seconds: number) => new Date(Date.now() + seconds * 1000)

export async function openSession(
  db: Pick<TenantDb, 'session'>,
  tokens: RefreshTokens,
  { tenantId, memberId, epoch, methods, userAgent, address }: NewSession,
): Promise<OpenSession> {
  const id = newId()
  const refreshToken = tokens.issue(tenantId, { sessionId: id, generation: 0 })
  await db.session.create({
    data: {
      tenantId,
      id,
      memberId,
      epoch,
      refreshHash: hashToken(refreshToken),
      methods: [...methods],
      userAgent: userAgent.slice(0, 400),
      address: address.slice(0, 45),
      idleExpiresAt: after(refreshIdleLife),
      expiresAt: after(refreshAbsoluteLife),
    },
  })
  return { id, memberId, refreshToken, authenticatedAt: new Date(), methods }
}

export interface Presented {
  tenantId: string
  sessionId: string
  generation: number
  token: string
  /** The client's. */
  address: string
}

/**
 * Exchanges a refresh token for its successor, in one statement that only one of several simultaneous callers can win. The others, within
 * the race window, get the same successor: it is sealed under the token they hold. Anything older was `reused`, and whoever asked has to end the
 * session (RFC 9700 4.14.2).
 */
export async function rotateSession(db: Pick<TenantDb, '$queryRaw'>, tokens: RefreshTokens, presented: Presented): Promise<Rotation> {
  const rotation = (await rotateOnce(db, tokens, presented)) ?? (await rotateOnce(db, tokens, presented))
  return rotation ?? { outcome: 'ended' }
}

interface Rotated extends Authentication {
  memberId: string
}

/** Undefined where the token is the current one all the same: while this waited for the row, something other than a refresh changed it. */
async function rotateOnce(
  db: Pick<TenantDb, '$queryRaw'>,
  tokens: RefreshTokens,
  { tenantId, sessionId, generation, token, address }: Presented,
): Promise<Rotation | undefined> {
  const successor = tokens.issue(tenantId, { sessionId, generation: generation + 1 })
  const presented = hashToken(token)
  const [won] = await db.$queryRaw<Rotated[]>`
    update sessions s set refresh_hash = ${hashToken(successor)}, previous_hash = s.refresh_hash, sealed_successor = ${sealUnder(token, successor)},
      generation = s.generation + 1, rotated_at = now(), address = ${address.slice(0, 45)},
      idle_expires_at = least(s.expires_at, now() + make_interval(secs => ${refreshIdleLife}))
    from members m
    where s.id = ${sessionId}::uuid and s.refresh_hash = ${presented} and s.operator is null and s.ended_at is null and least(s.expires_at, s.idle_expires_at) > now()
      and m.tenant_id = s.tenant_id and m.id = s.member_id and m.status = 'active' and m.epoch = s.epoch
    returning s.member_id as "memberId", s.authenticated_at as "authenticatedAt", s.methods`
  if (won) return { outcome: 'rotated', session: { ...won, id: sessionId, refreshToken: successor } }
  return afterLosing(db, { sessionId, token, presented })
}

interface Loser {
  sessionId: string
  token: string
  presented: Uint8Array
}

interface RaceRow extends Rotated {
  alive: boolean
  current: Uint8Array
  previous: Uint8Array | null
  sealed: Uint8Array | null
  inWindow: boolean | null
}

async function afterLosing(db: Pick<TenantDb, '$queryRaw'>, { sessionId, token, presented }: Loser): Promise<Rotation | undefined> {
  const [row] = await db.$queryRaw<RaceRow[]>`
    select s.member_id as "memberId", s.authenticated_at as "authenticatedAt", s.methods, s.refresh_hash as current, s.previous_hash as previous, s.sealed_successor as sealed,
      s.rotated_at > now() - make_interval(secs => ${refreshRaceWindow}) as "inWindow",
      s.ended_at is null and least(s.expires_at, s.idle_expires_at) > now() and m.status = 'active' and m.epoch = s.epoch as alive
    from sessions s join members m on m.tenant_id = s.tenant_id and m.id = s.member_id where s.id = ${sessionId}::uuid`
  if (!row?.alive) return { outcome: 'ended' }
  if (sameHash(row.current, presented)) return undefined
  if (row.inWindow && row.sealed && row.previous && sameHash(row.previous, presented)) {
    const { memberId, authenticatedAt, methods } = row
    return { outcome: 'rotated', session: { id: sessionId, memberId, authenticatedAt, methods, refreshToken: openUnder(token, row.sealed) } }
  }
  return { outcome: 'reused' }
}

/** Whether it was this call that ended it. */
export async function endSession(
  db: Pick<TenantDb, 'session'>,
  session: string | { id: string; memberId: string },
  endReason: 'signed_out' | 'revoked',
): Promise<boolean> {
  const where = typeof session === 'string' ? { id: session } : session
  const { count } = await db.session.updateMany({
    where: { ...where, endedAt: null },
    data: { endedAt: new Date(), endReason, sealedSuccessor: null },
  })
  return count > 0
}

/** Moves the member's epoch on: every session of before is over, however many there are, on every copy of the service. */
export async function endAllSessions(db: Pick<TenantDb, 'member'>, memberId: string): Promise<void> {
  await db.member.updateMany({ where: { id: memberId }, data: { epoch: { increment: 1 } } })
}

/**
 * The same, but this session goes along. False where it has ended meanwhile: then nothing happens. What is half signed in is over too. The member's
 * row is locked first, so that two who end each other take turns, and one of them stays.
 */
export async function endOtherSessions(
  tx: Pick<TenantDb, '$queryRaw' | '$executeRaw' | 'member'>,
  { sessionId, memberId }: { sessionId: string; memberId: string },
): Promise<boolean> {
  const [member] = await tx.$queryRaw<{ epoch: number }[]>`select epoch from members where id = ${memberId}::uuid for no key update`
  if (!member || !(await carrySession(tx, { memberId, sessionId, epoch: member.epoch + 1 }))) return false
  await endAllSessions(tx, memberId)
  return true
}
