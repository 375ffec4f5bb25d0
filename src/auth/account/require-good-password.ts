import type { FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'
import type { Weakness } from '../../security/passwords/password-rules.ts'
import { foldText } from '../../security/passwords/password-text.ts'

const sentences: Record<Exclude<Weakness, 'short'>, string> = {
  long: 'must have at most 128 characters',
  personal: 'must not hold the name or address of its owner or the name of the site',
  common: 'must not be among the passwords that many people use',
  breached: 'must not be known from a breach',
}

/**
 * 400 PASSWORD_WEAK for a new password that is not good enough, given what anybody can know of its owner. Comes before the hash. It knows nothing of
 * accounts: a caller that has to prove something first asks once before the proof, without the owner, so that a weak password uses up no try of a
 * code, and once with what the proof has told.
 */
export async function requireGoodPassword(request: FastifyRequest, password: string, owner: readonly string[] = []): Promise<void> {
  // A site's name counts as a whole: its words are everybody's.
  const { server, tenant, db } = request
  const { passwordLength } = await server.authPolicies.of(tenant, db)
  const reason = await server.passwordRules.weaknessOf(password, [...owner, ...(await siteNames(request)).map(foldText)], passwordLength)
  if (!reason) return
  const message = reason === 'short' ? `must have at least ${passwordLength} characters` : sentences[reason]
  throw problem('PASSWORD_WEAK', { issues: [{ path: '/password', message, reason }] })
}

/** What visitors know the site by. */
export async function siteNames({ db, tenant }: FastifyRequest): Promise<string[]> {
  const site = await db.site.findFirst({ select: { name: true, brand: { select: { shortName: true } } } })
  return [site?.name, site?.brand?.shortName, tenant.slug].filter((name) => name !== undefined)
}
