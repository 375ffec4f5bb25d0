import type { FastifyRequest } from 'fastify'
import { totpSetupLife } from './factor-life.ts'
import type { TotpSetup } from './totp.ts'
import { describeTotpFor, openTotp } from './totp-factor.ts'

export interface BegunTotp extends TotpSetup {
  id: string
  name: string
}

/** The app that the member is setting up, as long as its first code can still confirm it. For pages after a fresh proof: it holds the secret. */
export async function readTotpSetup(request: FastifyRequest): Promise<BegunTotp | undefined> {
  const { memberId, member } = request.session
  const since = new Date(Date.now() - totpSetupLife * 1000)
  const begun = await request.db.totpFactor.findFirst({
    where: { memberId, confirmedAt: null, createdAt: { gt: since } },
    select: { id: true, name: true, sealedSecret: true },
  })
  if (!begun) return undefined
  const { id, name, sealedSecret } = begun
  return { id, name, ...(await describeTotpFor(request, openTotp(request, sealedSecret), member.email)) }
}
