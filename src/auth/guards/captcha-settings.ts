import type { CaptchaSettings } from '../../security/captcha/captcha-provider.ts'
import type { SecretBox, SecretPlace } from '../../security/secret-box.ts'
import type { AuthPolicy } from '../../tenancy/auth-policy.ts'

export function captchaSecretPlace(tenantId: string): SecretPlace {
  return { tenantId, field: 'auth_policies.sealed_captcha_secret' }
}

/** A provider without a secret stays one: nobody passes until it is set, rather than everybody. */
export function openCaptchaSettings(box: SecretBox, tenantId: string, { provider, siteKey, sealedSecret }: AuthPolicy['captcha']): CaptchaSettings {
  return { provider, siteKey, secret: sealedSecret ? box.open(sealedSecret, captchaSecretPlace(tenantId)) : '' }
}
