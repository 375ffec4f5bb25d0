import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { newId, randomSecret } from '../../security/random-token.ts'
import { hashToken } from '../../security/refresh-token.ts'
import { methods as known, type Method } from '../sessions/method.ts'
import { pendingSignInLife } from '../sessions/token-life.ts'

export const pendingForm = /^[A-Za-z0-9_-]{65}$/
/** The id of the row and 256 random bits, as base64url; the database has its SHA-256. */
export const Pending = Type.String({ pattern: pendingForm.source, maxLength: 65, description: 'As the first step answered it' })

/** Of the steps that need nothing else. */
export const PendingBody = Type.Object({ pending: Pending }, { additionalProperties: false })

/** Wrong tries of one pending sign-in. */
const tries = 5
/**
 * Of all the pending sign-ins of a member in a day: whoever has the password must not get five new tries with each. They count until the epoch moves, so that
 * the member, by a new password, gets in again and the thief does not.
 */
const triesDaily = 20
/** Whoever reads the member's mail begins anew with each reset, but for this. */
const triesOverResets = 60

export interface PendingSignIn {
  id: string
  memberId: string
  epoch: number
  methods: Method[]
  enrol: boolean
  sealedTotp: string | null
}

export interface NewPending {
  memberId: string
  epoch: number
  methods: readonly Method[]
  enrol: boolean
}

export async function openPendingSignIn({ tenant, db }: FastifyRequest, pending: NewPending): Promise<{ secret: string; expiresAt: Date }> {
  const id = newId()
  const secret = `${Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')}${randomSecret()}`
  const expiresAt = new Date(Date.now() + pendingSignInLife * 1000)
  const { memberId, methods } = pending
  // What tells of tries is kept for the day that they count.
  await db.pendingSignIn.deleteMany({ where: { memberId, createdAt: { lt: new Date(Date.now() - 86_400_000) } } })
  const row = { ...pending, tenantId: tenant.id, id, methods: [...methods], secretHash: hashToken(secret), expiresAt }
  await db.pendingSignIn.create({ data: row })
  return { secret, expiresAt }
}

/** Live as of now: 401 PENDING_INVALID for one that is void, of another site, or of a member whose epoch moved on. Counts nothing. */
export async function findPendingSignIn(db: TenantDb, secret: string): Promise<PendingSignIn> {
  const [found] = await db.$queryRaw<(Omit<PendingSignIn, 'methods'> & { methods: string[] })[]>`
    select p.id, p.member_id as "memberId", p.epoch, p.methods, p.enrol, p.sealed_totp as "sealedTotp"
    from pending_sign_ins p join members m on m.tenant_id = p.tenant_id and m.id = p.member_id
    where p.id = ${idOf(secret)}::uuid and p.secret_hash = ${hashToken(secret)} and p.spent_at is null and p.expires_at > now()
      and p.attempts < ${tries} and m.epoch = p.epoch and m.status = 'active'`
  if (!found) throw problem('PENDING_INVALID')
  return { ...found, methods: found.methods.flatMap((name) => known.filter((method) => method === name)) }
}

/** Before the comparison and outside of any transaction, so that nothing takes it back: 401 PENDING_INVALID when there are no tries left. */
export async function countPendingTry(db: TenantDb, id: string): Promise<void> {
  const counted = await db.$queryRaw<unknown[]>`
    update pending_sign_ins p set attempts = p.attempts + 1
    where p.id = ${id}::uuid and p.attempts < ${tries} and p.spent_at is null and p.expires_at > now()
      and ${triesDaily} > (select coalesce(sum(other.attempts), 0) from pending_sign_ins other
        where other.member_id = p.member_id and other.epoch = p.epoch and other.spent_at is null and other.created_at > now() - interval '1 day')
      and ${triesOverResets} > (select coalesce(sum(other.attempts), 0) from pending_sign_ins other
        where other.member_id = p.member_id and other.spent_at is null and other.created_at > now() - interval '1 day')
    returning p.id`
  if (counted.length === 0) throw problem('PENDING_INVALID')
}

/** One statement that one of any number of simultaneous callers wins; 401 PENDING_INVALID to the others. */
export async function spendPendingSignIn(tx: Pick<TenantDb, '$queryRaw'>, id: string): Promise<void> {
  const spent = await tx.$queryRaw<unknown[]>`
    update pending_sign_ins p set spent_at = now(), sealed_totp = null from members m
    where p.id = ${id}::uuid and p.spent_at is null and p.expires_at > now()
      and m.tenant_id = p.tenant_id and m.id = p.member_id and m.epoch = p.epoch and m.status = 'active'
    returning p.id`
  if (spent.length === 0) throw problem('PENDING_INVALID')
}

/** The TOTP secret that is being set up in it, sealed: the first one stays, so that a page that is opened twice shows the same. */
export async function keepPendingTotp(db: TenantDb, id: string, sealed: string): Promise<string> {
  const [kept] = await db.$queryRaw<{ sealedTotp: string }[]>`
    update pending_sign_ins set sealed_totp = coalesce(sealed_totp, ${sealed})
    where id = ${id}::uuid and enrol and spent_at is null and expires_at > now() returning sealed_totp as "sealedTotp"`
  if (!kept) throw problem('PENDING_INVALID')
  return kept.sealedTotp
}

function idOf(secret: string): string {
  const hex = Buffer.from(secret.slice(0, 22), 'base64url').toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
