import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { newId } from '../../security/random-token.ts'
import { hashToken } from '../../security/refresh-token.ts'

export type Purpose = 'sign-up' | 'reset-password' | 'invitation'

/** Proof that a mail of ours was read. */
export type Proof = { token: string } | { challenge: string; code: string }

const ChallengeId = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', maxLength: 36, description: 'As the request answered it' })
export const proofByToken = {
  token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', maxLength: 43, description: "From the mail's link" }),
}
export const proofByCode = {
  challenge: ChallengeId,
  code: Type.String({ pattern: '^[0-9]{6}$', maxLength: 6, description: 'From the mail; good for ten minutes and five tries' }),
}

export const ChallengeAnswer = Type.Object(
  {
    challenge: ChallengeId,
    expiresAt: Type.String({ format: 'date-time', maxLength: 30, description: "Until when the mail's link is good" }),
  },
  { additionalProperties: false },
)
export type ChallengeAnswer = Static<typeof ChallengeAnswer>

export interface NewChallenge {
  tenantId: string
  purpose: Purpose
  emailKey: string
  /** What it is about, or what will be done. With neither it can never be spent. */
  memberId?: string
  payload?: Record<string, string>
  /** Seconds. */
  life: number
}

const codeTries = 5
/** Of all challenges of one address and purpose together: whoever asks for one after the other must not get five new tries each time. */
const codeTriesDaily = 20

export async function openChallenge(tx: Pick<TenantDb, 'emailChallenge'>, { life, ...challenge }: NewChallenge): Promise<ChallengeAnswer> {
  const id = newId()
  const expiresAt = new Date(Date.now() + life * 1000)
  await tx.emailChallenge.createMany({ data: [{ ...challenge, id, expiresAt }] })
  return { challenge: id, expiresAt: expiresAt.toISOString() }
}

/** A challenge whose mail the caller has read. It is live as of now, and not spent by this. */
export interface Proven {
  id: string
  emailKey: string
  memberId: string | null
}

/** 400 CHALLENGE_INVALID for every other proof, whatever is wrong with it. */
export async function proveChallenge({ db, server }: FastifyRequest, purpose: Purpose, proof: Proof): Promise<Proven> {
  if ('token' in proof) return (await findByToken(db, purpose, proof.token)) ?? refuse()
  const tried = await countTry(db, purpose, proof.challenge)
  // Also compared where there is no code, or none any more.
  const matches = server.challengeMint.codeMatches(proof.code, tried?.codeHash ?? new Uint8Array(32))
  return tried && matches ? tried : refuse()
}

export interface Spent {
  emailKey: string
  memberId: string | null
  payload: unknown
}

/** One statement that one of any number of simultaneous callers wins; the others get undefined. */
export async function spendChallenge(tx: Pick<TenantDb, '$queryRaw'>, purpose: Purpose, id: string): Promise<Spent | undefined> {
  const [spent] = await tx.$queryRaw<Spent[]>`
    update email_challenges c set spent_at = now(), payload = null
    from email_challenges before
    where c.id = ${id}::uuid and c.purpose = ${purpose} and c.spent_at is null and c.expires_at > now()
      and (c.payload is not null or c.member_id is not null) and before.tenant_id = c.tenant_id and before.id = c.id
    returning c.email_key as "emailKey", c.member_id as "memberId", before.payload`
  return spent
}

async function findByToken(db: TenantDb, purpose: Purpose, token: string): Promise<Proven | undefined> {
  const [found] = await db.$queryRaw<Proven[]>`
    select id, email_key as "emailKey", member_id as "memberId" from email_challenges
    where token_hash = ${hashToken(token)} and purpose = ${purpose} and spent_at is null and expires_at > now()`
  return found
}

/**
 * Counted before the comparison and outside of any transaction, so that nothing takes it back. A challenge that nobody will ever get a code for
 * is counted like any other: both ways take the same time.
 */
async function countTry(db: TenantDb, purpose: Purpose, id: string): Promise<(Proven & { codeHash: Uint8Array | null }) | undefined> {
  const [tried] = await db.$queryRaw<(Proven & { codeHash: Uint8Array | null })[]>`
    update email_challenges set attempts = attempts + 1
    where id = ${id}::uuid and purpose = ${purpose} and attempts < ${codeTries} and spent_at is null and expires_at > now()
      and ${codeTriesDaily} > (select sum(other.attempts) from email_challenges other where other.purpose = email_challenges.purpose
        and other.email_key = email_challenges.email_key and other.created_at > now() - interval '1 day')
    returning id, email_key as "emailKey", member_id as "memberId", case when code_expires_at > now() then code_hash end as "codeHash"`
  return tried
}

function refuse(): never {
  throw problem('CHALLENGE_INVALID')
}
