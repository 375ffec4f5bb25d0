import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import type { CaptchaSettings } from '../../security/captcha/captcha-provider.ts'
import { openCaptchaSettings } from './captcha-settings.ts'

/** The field `captcha` of a JSON body. Tokens of hCaptcha are long: a route that takes one needs `bodyLimit: captchaBodyLimit`. */
export const CaptchaToken = Type.Optional(
  Type.String({ minLength: 1, maxLength: 8_192, description: "From the site's captcha, where it has one: the token that its script made" }),
)
export const captchaBodyLimit = 16_384

type Asking = Pick<FastifyRequest, 'server' | 'tenant' | 'db' | 'ip'>

/**
 * Lets pass who has solved the captcha of this site; all, where the site has none. 400 CAPTCHA_REQUIRED without a token, 400 CAPTCHA_INVALID for one
 * that is wrong, spent, or of another site's page. To be called after the limits by network, because it asks a stranger's server, and before
 * anything is looked up, so that it tells nothing about accounts.
 *
 * Without an answer from the provider: 503 CAPTCHA_UNAVAILABLE. Were it open then, whoever can keep the answer away, or has the site's quota used up,
 * would have switched the captcha off; and what it stands before can wait, since nobody who is signed in needs it.
 */
export async function requireCaptcha(request: Asking, settings: CaptchaSettings, token: string | undefined): Promise<void> {
  if (settings.provider === 'none') return
  if (!token) throw problem('CAPTCHA_REQUIRED')
  const verdict = await request.server.captcha.verify(settings, { token, remoteIp: request.ip })
  if (verdict.outcome === 'unavailable') throw problem('CAPTCHA_UNAVAILABLE', { retryAfter: 10, cause: verdict.cause })
  if (verdict.outcome === 'refused' || !(await isOwnPage(request, verdict.hostname))) throw problem('CAPTCHA_INVALID')
}

/** The same, by what the staff of the request's site decided. */
export async function requireSiteCaptcha(request: FastifyRequest, token: string | undefined): Promise<void> {
  const { server, tenant, db } = request
  const { captcha } = await server.authPolicies.of(tenant, db)
  await requireCaptcha(request, openCaptchaSettings(server.secretBox, tenant.id, captcha), token)
}

/** The page it was solved on: of one of the site's hosts, or of a front end that the site lists. */
async function isOwnPage({ tenant, db }: Asking, hostname: string): Promise<boolean> {
  if (tenant.hosts.includes(hostname)) return true
  const site = await db.site.findFirst({ select: { allowedOrigins: true } })
  return (site?.allowedOrigins ?? []).some((origin) => hostname !== '' && URL.parse(origin)?.hostname === hostname)
}
