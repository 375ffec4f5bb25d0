import type { FastifyRequest } from 'fastify'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { captchaSiteKey as wellFormedKey } from '../../security/captcha/captcha-provider.ts'
import { emailDomain } from '../../security/email-address.ts'
import { type AuthPolicy, readAuthPolicy } from '../../tenancy/auth-policy.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { captchaSecretPlace } from '../guards/captcha-settings.ts'
import { endSingleFactorSessions } from '../sessions/end-single-factor-sessions.ts'
import { AuthPolicyAnswer, AuthPolicyBody, shapeAuthPolicy } from './auth-policy-shape.ts'

export const saveAuthPolicy = defineFlow({
  schema: {
    operationId: 'saveAuthPolicy',
    summary: 'Decide how people get into the site',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: AuthPolicyBody,
    response: { 200: AuthPolicyAnswer, ...problems(400, 401, 403, 404, 413, 415, 503) },
  },
  bodyLimit: 65_536,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    const { db, tenant, session } = request
    const tenantId = tenant.id
    const before = await readAuthPolicy(db, tenant)
    const policy = readWish(request, request.body, before)
    const { captcha, signUpDomains, ...plain } = policy
    const { provider: captchaProvider, siteKey: captchaSiteKey, sealedSecret: sealedCaptchaSecret } = captcha
    const data = { ...plain, signUpDomains: [...signUpDomains], captchaProvider, captchaSiteKey, sealedCaptchaSecret }
    const changed = fieldsThatDiffer(before, policy)
    await db.$transaction(async (tx) => {
      await tx.authPolicy.upsert({ where: { tenantId }, create: { tenantId, ...data }, update: data })
      if (changed.includes('secondFactor')) await endSingleFactorSessions(tx, policy, session.sessionId)
      if (changed.length > 0) await recordEvent(tx, originOf(request), { action: 'auth-policy.changed', details: { changed } })
    })
    return shapeAuthPolicy(policy)
  },
})

/** Domains in the one form that addresses are kept in, and the captcha's secret sealed. */
function readWish({ tenant, server }: FastifyRequest, { captcha, ...wish }: AuthPolicyBody, before: AuthPolicy): AuthPolicy {
  const signUpDomains = [
    ...new Set(wish.signUpDomains.map((domain, at) => emailDomain(domain) ?? refuse(`/signUpDomains/${at}`, 'must be a domain'))),
  ]
  if (wish.signUp === 'domain' && signUpDomains.length === 0) refuse('/signUpDomains', 'must name at least one domain')
  const isOpen = wish.signUp === 'open' || wish.signUp === 'domain'
  if (tenant.kind === 'platform' && isOpen) refuse('/signUp', 'must be invitation or closed: this is where the staff of the hub signs in')
  const { provider, siteKey, secret } = captcha
  if (provider === 'none') return { ...wish, signUpDomains, captcha: { provider, siteKey: '', sealedSecret: null } }
  // It goes into pages as it is.
  if (!wellFormedKey.test(siteKey)) refuse('/captcha/siteKey', 'must be letters, digits, hyphens and underscores')
  // A secret belongs to its provider: another one's is of no use, and must not be sent there.
  const kept = provider === before.captcha.provider ? before.captcha.sealedSecret : null
  const sealedSecret = secret === undefined ? kept : server.secretBox.seal(secret, captchaSecretPlace(tenant.id))
  if (sealedSecret === null) refuse('/captcha/secret', 'must be given for this provider')
  return { ...wish, signUpDomains, captcha: { provider, siteKey, sealedSecret } }
}

function fieldsThatDiffer(before: AuthPolicy, after: AuthPolicy): string[] {
  return Object.keys(after).filter((name) => JSON.stringify(Reflect.get(before, name)) !== JSON.stringify(Reflect.get(after, name)))
}

function refuse(path: string, message: string): never {
  throw problem('REQUEST_INVALID', { issues: [{ path, message }] })
}
