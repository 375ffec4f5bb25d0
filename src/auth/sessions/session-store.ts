import type { TenantDb } from '../../db/client.ts'
import { newId } from '../../security/random-token.ts'
import { hashToken, openUnder, type RefreshTokens, sameHash, sealUnder } from '../../security/refresh-token.ts'
import type { Method } from './method.ts'
import { refreshAbsoluteLife, refreshIdleLife, refreshRaceWindow } from './token-life.ts'

/** A session with the refresh token that continues it. */
export interface OpenSession {
  id: string
  memberId: string
  refreshToken: string
}

export type Rotation = { outcome: 'rotated'; session: OpenSession } | { outcome: 'reused' | 'ended'; sessionId: string }

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
  return { id, memberId, refreshToken }
}

export interface Presented {
  tenantId: string
  sessionId: string
  generation: number
  token: string
}

/**
 * Exchanges a refresh token for its successor, in one statement that only one of several simultaneous callers can win. The others, within
 * the race window, get the same successor: it is sealed under the token they hold. Anything older ends the session (RFC 9700 4.14.2).
 */
export async function rotateSession(db: TenantDb, tokens: RefreshTokens, { tenantId, sessionId, generation, token }: Presented): Promise<Rotation> {
  const successor = tokens.issue(tenantId, { sessionId, generation: generation + 1 })
  const presented = hashToken(token)
  const [won] = await db.$queryRaw<{ memberId: string }[]>`
    update sessions s set refresh_hash = ${hashToken(successor)}, previous_hash = s.refresh_hash, sealed_successor = ${sealUnder(token, successor)},
      generation = s.generation + 1, rotated_at = now(), idle_expires_at = least(s.expires_at, now() + make_interval(secs => ${refreshIdleLife}))
    from members m
    where s.id = ${sessionId}::uuid and s.refresh_hash = ${presented} and s.operator is null and s.ended_at is null and least(s.expires_at, s.idle_expires_at) > now()
      and m.tenant_id = s.tenant_id and m.id = s.member_id and m.status = 'active' and m.epoch = s.epoch
    returning s.member_id as "memberId"`
  if (won) return { outcome: 'rotated', session: { id: sessionId, memberId: won.memberId, refreshToken: successor } }
  return afterLosing(db, { sessionId, token, presented })
}

interface Loser {
  sessionId: string
  token: string
  presented: Uint8Array
}

interface RaceRow {
  memberId: string
  alive: boolean
  current: Uint8Array
  previous: Uint8Array | null
  sealed: Uint8Array | null
  inWindow: boolean | null
}

async function afterLosing(db: TenantDb, { sessionId, token, presented }: Loser): Promise<Rotation> {
  const [row] = await db.$queryRaw<RaceRow[]>`
    select s.member_id as "memberId", s.refresh_hash as current, s.previous_hash as previous, s.sealed_successor as sealed,
      s.rotated_at > now() - make_interval(secs => ${refreshRaceWindow}) as "inWindow",
      s.ended_at is null and least(s.expires_at, s.idle_expires_at) > now() and m.status = 'active' and m.epoch = s.epoch as alive
    from sessions s join members m on m.tenant_id = s.tenant_id and m.id = s.member_id where s.id = ${sessionId}::uuid`
  if (!row?.alive || sameHash(row.current, presented)) return { outcome: 'ended', sessionId }
  if (row.inWindow && row.sealed && row.previous && sameHash(row.previous, presented)) {
    return { outcome: 'rotated', session: { id: sessionId, memberId: row.memberId, refreshToken: openUnder(token, row.sealed) } }
  }
  await endSession(db, sessionId, 'reused')
  return { outcome: 'reused', sessionId }
}

export async function endSession(db: TenantDb, sessionId: string, endReason: 'signed_out' | 'reused' | 'revoked'): Promise<void> {
  await db.session.updateMany({ where: { id: sessionId, endedAt: null }, data: { endedAt: new Date(), endReason, sealedSuccessor: null } })
}

/** Moves the member's epoch on: every session of before is over, however many there are, on every copy of the service. */
export async function endAllSessions(db: TenantDb, memberId: string): Promise<void> {
  await db.member.updateMany({ where: { id: memberId }, data: { epoch: { increment: 1 } } })
}
