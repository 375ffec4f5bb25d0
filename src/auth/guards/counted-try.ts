import type { FastifyRequest } from 'fastify'
import { refuseFor } from '../../errors.ts'

/**
 * A guess at what proves an account: 429 RATE_LIMITED while the account has to wait. Counted as a failure before it is decided, so that guesses at
 * once are as many failures; taken back where it was right, or nothing was decided.
 */
export async function countedTry<Shown>({ server }: FastifyRequest, account: string, decide: () => Promise<Shown>): Promise<Shown> {
  const failure = await server.limits.failedSignIns.fail(account)
  refuseFor(failure.wait)
  const shown = await decide().catch(async (error) => {
    await failure.takeBack()
    throw error
  })
  if (shown) await failure.takeBack()
  return shown
}
