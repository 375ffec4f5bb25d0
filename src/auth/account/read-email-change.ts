import type { FastifyRequest } from 'fastify'
import { findByToken } from './challenge.ts'
import { emailChangePurposes, hideEmail } from './email-change.ts'

/** What a page says to whoever opened the link of a mail. */
export interface EmailChangeView {
  side: 'old' | 'new'
  /** The new address: partly hidden from the old one, which may be lost to somebody else. */
  newEmail: string
  /** By this side. */
  confirmed: boolean
  /** The new address holds; the old one's link can still undo that. */
  applied: boolean
}

/** Spends nothing, so that scanners may open the page too. Undefined where the link is worth nothing any more. */
export async function readEmailChange({ db }: FastifyRequest, token: string): Promise<EmailChangeView | undefined> {
  const found = await findByToken(db, [...emailChangePurposes], token)
  if (!found) return undefined
  const where = { OR: [{ oldChallenge: found.id }, { newChallenge: found.id }], undoneAt: null, expiresAt: { gt: new Date() } }
  const change = await db.emailChange.findFirst({ where })
  if (!change) return undefined
  const side = change.oldChallenge === found.id ? 'old' : 'new'
  return {
    side,
    newEmail: side === 'old' ? hideEmail(change.newEmail) : change.newEmail,
    confirmed: (side === 'old' ? change.oldConfirmedAt : change.newConfirmedAt) !== null,
    applied: change.appliedAt !== null,
  }
}
