import type { FastifyRequest } from 'fastify'
import type { TenantDb } from '../../db/client.ts'
import { describeTotp, stepOfCode, type TotpSetup } from './totp.ts'

const field = 'totp_factors.sealed_secret'

export function sealTotp({ tenant, server }: FastifyRequest, secret: string): string {
  return server.secretBox.seal(secret, { tenantId: tenant.id, field })
}

export function openTotp({ tenant, server }: FastifyRequest, sealed: string): string {
  return server.secretBox.open(sealed, { tenantId: tenant.id, field })
}

/** For the member's app, under the site's name and the member's address. */
export async function describeTotpFor({ db, tenant }: FastifyRequest, secret: string, email: string): Promise<TotpSetup> {
  const site = await db.site.findFirst({ select: { name: true } })
  return describeTotp(secret, { issuer: site?.name ?? tenant.canonicalHost, label: email })
}

export interface CheckedTotp {
  /** False where its step, or a later one, was spent before: a code is good once (RFC 6238, 5.2; ASVS V6.5.1). */
  spend(tx: Pick<TenantDb, '$queryRaw'>): Promise<boolean>
}

/** Of which of the member's apps the code is. */
export async function checkTotp(request: FastifyRequest, memberId: string, code: string): Promise<CheckedTotp | undefined> {
  const factors = await request.db.totpFactor.findMany({
    where: { memberId, confirmedAt: { not: null } },
    select: { id: true, sealedSecret: true },
    orderBy: { createdAt: 'asc' },
  })
  const steps = factors.map(({ id, sealedSecret }) => ({ id, step: stepOfCode(openTotp(request, sealedSecret), code) }))
  const found = steps.find(({ step }) => step !== undefined)
  if (found?.step === undefined) return undefined
  const { id, step } = found
  return {
    async spend(tx) {
      const rows = await tx.$queryRaw<unknown[]>`
        update totp_factors set last_step = ${step}, last_used_at = now()
        where id = ${id}::uuid and last_step < ${step} and confirmed_at is not null returning id`
      return rows.length === 1
    },
  }
}
