import type { CaptchaProvider, CaptchaSettings } from '../../security/captcha/captcha-provider.ts'
import type { SecretBox, SecretPlace } from '../../security/secret-box.ts'

/** As the site's policy row has it. */
export interface CaptchaColumns {
  captchaProvider: string
  captchaSiteKey: string
  sealedCaptchaSecret: string | null
}

const chosen = new Map<string, Exclude<CaptchaProvider, 'none'>>([
  ['turnstile', 'turnstile'],
  ['hcaptcha', 'hcaptcha'],
])

export const noCaptcha: CaptchaSettings = { provider: 'none', siteKey: '', secret: '' }

export function captchaSecretPlace(tenantId: string): SecretPlace {
  return { tenantId, field: 'auth_policies.sealed_captcha_secret' }
}

/** A provider without a secret stays one: nobody passes until it is set, rather than everybody. */
export function readCaptchaSettings(box: SecretBox, tenantId: string, row: CaptchaColumns | null | undefined): CaptchaSettings {
  const provider = chosen.get(row?.captchaProvider ?? '')
  if (!row || !provider) return noCaptcha
  const { captchaSiteKey: siteKey, sealedCaptchaSecret: sealed } = row
  return { provider, siteKey, secret: sealed ? box.open(sealed, captchaSecretPlace(tenantId)) : '' }
}
