import type { TenantDb } from '../../db/client.ts'
import { queueAgain } from './queue-again.ts'

export interface SentAgain {
  again: number
  /** Whose link has run out: who wants it asks for another. */
  runOut: number
}

/** Few, since a transaction that changes mails takes turns with those of the same site. */
const atOnce = 100

/** By an operator: every mail of a site that could not be delivered, the oldest first. */
export async function sendDeadAgain(db: TenantDb, tenantId: string): Promise<SentAgain> {
  const sent = { again: 0, runOut: 0 }
  for (let after: string | undefined; ; ) {
    const where = { status: 'dead', ...(after === undefined ? {} : { id: { gt: after } }) }
    const dead = await db.mailMessage.findMany({ where, select: { id: true }, orderBy: { id: 'asc' }, take: atOnce })
    await db.$transaction(async (tx) => {
      for (const { id } of dead) {
        if (await queueAgain(tx, { tenantId, actor: { kind: 'operator' } }, id)) sent.again++
        else sent.runOut++
      }
    })
    after = dead.at(-1)?.id
    if (dead.length < atOnce) return sent
  }
}
