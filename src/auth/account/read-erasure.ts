import type { FastifyRequest } from 'fastify'
import { findByToken } from './challenge.ts'

/** When the account behind the link of a keep-account mail will be erased. Spends nothing; undefined where the link is worth nothing any more. */
export async function readErasure({ db }: FastifyRequest, token: string): Promise<Date | undefined> {
  const found = await findByToken(db, ['keep-account'], token)
  if (!found?.memberId) return undefined
  const where = { id: found.memberId, emailKey: found.emailKey, eraseAt: { gt: new Date() } }
  return (await db.member.findFirst({ where, select: { eraseAt: true } }))?.eraseAt ?? undefined
}
